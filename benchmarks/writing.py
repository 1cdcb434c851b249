"""Creating and reading, single and bulk, compared with the schema document's functions."""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from benchmarks.official_client import Document
from benchmarks.reading import to_interaction
from benchmarks.results import Figure, Section, measured
from benchmarks.servers import a_server
from interactions_sdk import InteractionCreate, InteractionsClient, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.servers import Server

ROUNDS = 3

DUE = datetime.now(UTC) + timedelta(days=7)
ROW: dict[str, Any] = {"interactionType": "call", "subject": "Intro", "duration": 12}
DRAFT = InteractionCreate(
    interaction_type="call", subject="Intro", duration=12, next_action_date=DUE
)


def creates(document: Document, crm: InteractionsClient, fast: InteractionsClient) -> list[Figure]:
    """Measure a create and reading the newest 50, with all variants in turn in every round."""
    # Each variant has its own customer: if others changed it, a client would have to read it again
    # at its next create, while the code by hand would overwrite what it has not read.
    for user in ("atomic", "fast", "by-hand"):
        crm.customers.ensure(user)
    atomic_repo, fast_repo = crm.as_user("atomic"), fast.as_user("fast")
    data = {**ROW, "nextActionDate": DUE.isoformat()}
    took = measured(
        {
            "atomic": lambda: atomic_repo.create(DRAFT),
            "fast": lambda: fast_repo.create(DRAFT),
            "document": lambda: document.create_interaction(data, "by-hand"),
        },
        rounds=10,
        calls=10,
    )
    found = measured(
        {
            "ours": lambda: atomic_repo.find(limit=50),
            "document": lambda: document.get_customer_interactions("by-hand", 50),
        },
        rounds=10,
        calls=10,
    )
    atomic, quick = took.ratio("atomic", "document"), took.ratio("document", "fast")
    return [
        Figure(
            "atomic create, compared with the five calls by hand",
            atomic,
            at_most=1.15,
            compared=("atomic create", "the five calls by hand"),
        ),
        Figure(
            "the five calls by hand, compared with a fast create",
            quick,
            at_least=1.67,  # so a fast create takes at most 0.6 of them
            compared=("the five calls by hand", "a fast create"),
        ),
        Figure("atomic create, client's CPU", took.ratio("atomic", "document", cpu=True)),
        Figure("atomic create", took.microseconds("atomic"), "us"),
        Figure("the five calls by hand", took.microseconds("document"), "us"),
        Figure(
            "the newest fifty by hand, compared with `find(limit=50)`",
            found.ratio("document", "ours"),
            compared=("the newest fifty by hand", "`find(limit=50)`"),
        ),
    ]


def timed(function: Callable[[], object]) -> tuple[float, float]:
    """Return the wall time and the CPU time of a call, in seconds."""
    wall, cpu = perf_counter(), process_time()
    function()
    return perf_counter() - wall, process_time() - cpu


def timed_read(read: Callable[[], int], rows: int) -> tuple[float, float]:
    """Return the wall time and the CPU time of reading all rows, in seconds.

    Raises:
        RuntimeError: Another number of rows was read.
    """
    gc.collect()  # or what another variant has left behind would be collected at this one's cost
    wall, cpu = perf_counter(), process_time()
    if (found := read()) != rows:
        raise RuntimeError(found)
    return perf_counter() - wall, process_time() - cpu


def bulk(document: Document, crm: InteractionsClient, rows: int) -> list[Figure]:
    """Measure bulk creates, with all variants in turn in every round."""
    written: list[float] = []
    seconds: list[float] = []
    cpu: list[float] = []
    for number in range(ROUNDS):
        one, other = crm.customers.ensure(f"bulk{number}"), crm.customers.ensure(f"hand{number}")
        row = {**ROW, "customerId": other.id, "userId": "root", "direction": "outbound"}
        ours, processor = timed(partial(_write_all, crm, one.id, rows))
        hand, _ = timed(partial(document.create_interactions, [row] * rows))
        written.append(hand / ours)
        seconds.append(ours)
        cpu.append(processor)
    return [
        Figure(
            f"`create_rows` of {rows:,} by 100 without audit, compared with `create_many` with "
            "audit",
            median(written),
            at_least=3.5,
            compared=("`create_rows` without audit", "`create_many` with audit"),
        ),
        Figure("`create_many`", median(seconds), "s"),
        Figure(
            "- the client's CPU time per row", round(median(cpu) / rows * 1e6, 1), "us", at_most=60
        ),
    ]


def iterating(document: Document, crm: InteractionsClient, rows: int) -> list[Figure]:
    """Measure reading many rows, with all variants in turn in every round."""
    customer = crm.customers.ensure("many")
    _write_all(crm, customer.id, rows)
    pages = partial(document.all_interactions, customer.id)
    ways: dict[str, Callable[[], int]] = {
        "`iterate`": lambda: sum(1 for _ in crm.as_admin("root").iterate(customer_id=customer.id)),
        "reading by hand by 100": lambda: sum(1 for _ in pages()),
        "reading by hand by 100, with the same models": lambda: sum(
            1 for _ in map(to_interaction, pages())
        ),
        "reading by hand by 1,000": lambda: sum(1 for _ in pages(1000)),
    }
    ours, *others = ways
    took: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, read in ways.items():
            took[way].append(timed_read(read, rows))
    figures: list[Figure] = []
    for way, fewest in zip(others, (2.5, None, 1.54), strict=True):
        pairs = list(zip(took[way], took[ours], strict=True))
        figures += [
            Figure(
                f"{rows:,} rows: {way}, compared with `iterate`",
                median(hand[0] / own[0] for hand, own in pairs),
                at_least=fewest,
                compared=(way, ours),
            ),
            Figure(
                "- the same in the client's CPU time",
                median(hand[1] / own[1] for hand, own in pairs),
                at_least=4 if way == others[0] else None,
            ),
        ]
    return [*figures, Figure(ours, median(wall for wall, _ in took[ours]), "s")]


def _write_all(crm: InteractionsClient, customer_id: str, rows: int) -> None:
    draft = InteractionCreate(
        interaction_type="call", subject="Intro", duration=12, customer_id=customer_id
    )
    crm.as_admin("root").create_many(draft for _ in range(rows)).raise_for_failures()


def _client(server: Server, settings: Settings) -> InteractionsClient:
    return InteractionsClient(
        server.endpoint, server.project, api_key=server.key, settings=settings
    )


def section(*, live: bool = False) -> Section:
    """Run the benchmarks on an embedded server over HTTP, or on the server in the environment."""
    with a_server(live=live) as server:
        settings = Settings(database_id=server.database, verify_users=False)
        fast_settings = settings.model_copy(update={"consistency": "fast"})
        with _client(server, settings) as crm, _client(server, fast_settings) as fast:
            crm.schema.apply()
            document = Document(server)
            figures = [
                *creates(document, crm, fast),
                *bulk(document, crm, 10_000 if live else 2_000),
                *iterating(document, crm, 10_000),
            ]
    where = "a real server" if live else "the embedded server, over HTTP in a separate process"
    return Section(
        f"Writing and reading many, on {'a real server' if live else 'the embedded server'}",
        f"Measured on {where}, compared with the functions of the schema document on the official "
        "package, translated line by line (`benchmarks/official_client.py`). The goals apply to a "
        "real server, where a round trip takes milliseconds; the embedded server writes rows in "
        "microseconds, and audit rows double them.",
        figures,
    )
