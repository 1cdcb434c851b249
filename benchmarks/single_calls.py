"""Single calls on a real server: against code by hand, the client's share, and concurrency."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.official_client import Document
from benchmarks.results import Figure, Section
from benchmarks.servers import a_server
from interactions_sdk import CustomerInteraction, InteractionCreate, InteractionsClient, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from interactions_sdk import InteractionRepository

CREATORS = 16
"""The number of customers that get interactions concurrently, each in its own thread."""

FOUND = 50
"""The number of interactions on a page of `find`, which its customer has from the start."""

DUE = datetime.now(UTC) + timedelta(days=7)
ROW: dict[str, Any] = {"interactionType": "call", "subject": "Intro", "duration": 12}
DRAFT = InteractionCreate(interaction_type="call", subject="Intro", duration=12)
FOLLOW_UP = DRAFT.model_copy(update={"next_action_date": DUE})


class ByHand:
    """What users would write for the operations that the schema document leaves out.

    Args:
        document: The schema document's functions.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    def create(self, user_id: str, data: dict[str, Any]) -> Any:  # noqa: ANN401 - the package's row
        """Create an interaction: the document's five calls, or four without a follow-up."""
        return self._document.create_interaction(data, user_id)

    def update(self, row: Any) -> None:  # noqa: ANN401 - the package's row
        """Read, update and audit an interaction: three calls."""
        self._change(row.id, {"subject": "Renewal"})

    def complete(self, row: Any) -> None:  # noqa: ANN401 - the package's row
        """Read, update and audit it, and clear the customer's next follow-up: four calls."""
        customer_id = self._change(row.id, {"outcome": "resolved"})
        self._document.update_customer_next_follow_up(customer_id, DUE.isoformat())

    def delete(self, row: Any) -> None:  # noqa: ANN401 - the package's row
        """Read, delete and audit it: three calls."""
        tables = self._document.tables_db
        found = tables.get_row(self._document.database_id, "customer_interactions", row.id)
        tables.delete_row(self._document.database_id, "customer_interactions", row.id)
        self._document.log_customer_interaction_created(
            "root", row.id, str(found.data["customerId"])
        )

    def _change(self, row_id: str, data: dict[str, Any]) -> str:
        tables = self._document.tables_db
        found = tables.get_row(self._document.database_id, "customer_interactions", row_id)
        tables.update_row(self._document.database_id, "customer_interactions", row_id, data)
        customer_id = str(found.data["customerId"])
        self._document.log_customer_interaction_created("root", row_id, customer_id)
        return customer_id


class BareTransport(httpx.BaseTransport):
    """Sends the requests of a client, and sends one again with nothing but httpx's transport."""

    def __init__(self) -> None:
        self._transport = httpx.HTTPTransport()
        self._sent: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request of the client, and note it."""
        self._sent.append(request)
        return self._transport.handle_request(request)

    def repeating(self, call: Callable[[], object]) -> Callable[[], bytes]:
        """Return what sends the last request of a call again, and reads the body of the answer."""
        call()
        last = self._sent[-1]
        request = httpx.Request(
            last.method, str(last.url), headers=last.headers, extensions=last.extensions
        )
        return lambda: self._transport.handle_request(request).read()

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()


class _Times:
    """Wall time and CPU time of each call, in seconds, for each variant."""

    def __init__(self) -> None:
        self.wall: dict[str, list[float]] = {}
        self.cpu: dict[str, list[float]] = {}

    def measure(self, way: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - the call's
        """Call a function, and return its result."""
        wall, cpu = perf_counter(), process_time()
        result = call()
        self.cpu.setdefault(way, []).append(process_time() - cpu)
        self.wall.setdefault(way, []).append(perf_counter() - wall)
        return result

    def ratio(self, way: str, other: str) -> float:
        """Return the time of one variant divided by that of another: the median of the rounds."""
        pairs = zip(self.wall[way], self.wall[other], strict=True)
        return median(one / another for one, another in pairs)

    def share(self, way: str, of: str | None = None) -> float:
        """Return the share of the client's CPU time in the time of a call, in percent.

        Args:
            way: What took the CPU time.
            of: The call (default: the same).
        """
        return 100 * median(self.cpu[way]) / median(self.wall[of or way])

    def drop_first(self) -> None:
        """Drop the first call of each variant, which opens connections and fills caches."""
        for measured in (self.wall, self.cpu):
            for seconds in measured.values():
                del seconds[0]


def _round(times: _Times, repo: InteractionRepository, hand: ByHand, mode: str) -> None:
    """Create, update, complete and delete, with the library and by hand in turn."""
    plain = times.measure(f"{mode} create", lambda: repo.create(DRAFT))
    due: CustomerInteraction = repo.create(FOLLOW_UP)
    one = times.measure("create by hand", lambda: hand.create("by-hand", ROW))
    other = hand.create("by-hand", {**ROW, "nextActionDate": DUE.isoformat()})
    times.measure(f"{mode} update", lambda: repo.update(plain.id, subject="Renewal"))
    times.measure("update by hand", lambda: hand.update(one))
    times.measure(f"{mode} complete", lambda: repo.follow_ups.complete(due.id))
    times.measure("complete by hand", lambda: hand.complete(other))
    times.measure(f"{mode} delete", lambda: repo.delete(plain.id))
    times.measure("delete by hand", lambda: hand.delete(one))


def single_calls(
    clients: dict[str, InteractionsClient], document: Document, rounds: int
) -> Iterator[Figure]:
    """Measure the changes of one interaction, and the client's share of them.

    Each variant has its own customer, as in `benchmarks.writing.creates`.
    """
    hand = ByHand(document)
    for user in (*clients, "by-hand"):
        clients["atomic"].customers.ensure(user)
        filled = clients["atomic"].as_user(user).create_many([DRAFT] * FOUND)
        filled.raise_for_failures()
    shares: dict[str, float] = {}
    for mode, crm in clients.items():
        times = _Times()
        repo = crm.as_user(mode)
        for _ in range(rounds + 1):
            _round(times, repo, hand, mode)
        times.drop_first()
        for name in ("update", "complete", "delete"):
            yield Figure(
                f"{mode} {name}, compared with the same by hand",
                times.ratio(f"{mode} {name}", f"{name} by hand"),
                compared=(f"{mode} {name}", "the same by hand"),
            )
        shares |= {way: times.share(way) for way in times.cpu if way.startswith(mode)}
    for way, share in shares.items():
        yield Figure(f"client's processor in the time of: {way}", share, "%", at_most=10)


def reads(
    crm: InteractionsClient, recorded: InteractionsClient, bare: BareTransport, calls: int
) -> Iterator[Figure]:
    """Measure the client's share of reads, and that of httpx's transport for the same requests."""
    [interaction, *_] = crm.as_user("atomic").find(limit=FOUND).items
    ways: dict[str, Callable[[InteractionRepository], object]] = {
        "get": lambda repo: repo.get(interaction.id),
        f"find, {FOUND} interactions": lambda repo: repo.find(limit=FOUND),
    }
    times = _Times()
    for way, read in ways.items():
        ours = partial(read, crm.as_user("atomic"))
        transport = bare.repeating(partial(read, recorded.as_user("atomic")))
        for _ in range(calls + 1):
            times.measure(way, ours)
            times.measure(f"{way}, bare", transport)
    times.drop_first()
    for way in ways:
        whole, alone = times.share(way), times.share(f"{way}, bare", of=way)
        yield Figure(f"client's processor in the time of: {way}", whole, "%")
        yield Figure("- of this, httpx's transport alone, for the same request", alone, "%")
        yield Figure("- of this, the library", whole - alone, "%", at_most=10)


def at_once(crm: InteractionsClient, document: Document, calls: int, rounds: int) -> Figure:
    """Measure creates for 16 customers at the same time, each in its own thread.

    Each variant has its own customers, as in `benchmarks.writing.creates`.
    """
    data = {**ROW, "nextActionDate": DUE.isoformat()}
    numbers = range(CREATORS)
    for number in numbers:
        crm.customers.ensure(f"ours-{number}")
        crm.customers.ensure(f"by-hand-{number}")
    repos = [crm.as_user(f"ours-{number}") for number in numbers]

    def ours(number: int) -> None:
        for _ in range(calls):
            repos[number].create(FOLLOW_UP)

    def by_hand(number: int) -> None:
        for _ in range(calls):
            document.create_interaction(data, f"by-hand-{number}")

    ratios: list[float] = []
    with ThreadPoolExecutor(CREATORS) as threads:
        for each in (ours, by_hand):
            list(threads.map(each, numbers))
        for _ in range(rounds):
            seconds: list[float] = []
            for each in (ours, by_hand):
                began = perf_counter()
                list(threads.map(each, numbers))
                seconds.append(perf_counter() - began)
            ratios.append(seconds[1] / seconds[0])
    return Figure(
        f"{CREATORS} creators at once: the five calls by hand, compared with atomic creates",
        median(ratios),
        at_least=1.5,
        compared=("the five calls by hand of 16 creators", "atomic creates of 16 creators"),
    )


def section(*, live: bool = True, rounds: int = 12) -> Section:
    """Run the benchmarks on the server in the environment, or on an embedded one over HTTP."""
    with a_server(live=live) as server:
        settings = Settings(database_id=server.database, verify_users=False)
        fast_settings = settings.model_copy(update={"consistency": "fast"})

        bare = BareTransport()

        def client(
            of: Settings, transport: httpx.BaseTransport | None = None
        ) -> InteractionsClient:
            return InteractionsClient(
                server.endpoint,
                server.project,
                api_key=server.key,
                settings=of,
                transport=transport,
            )

        with (
            client(settings) as crm,
            client(fast_settings) as fast,
            client(settings, bare) as recorded,
        ):
            crm.schema.apply()
            document = Document(server)
            figures = [
                *single_calls({"atomic": crm, "fast": fast}, document, rounds),
                *reads(crm, recorded, bare, calls=5 * rounds),
                at_once(crm, document, calls=6, rounds=max(1, rounds // 3)),
            ]
    return Section(
        "Single calls, and many creators at once, on a real server",
        "Each operation of the library and the same by hand in turn. By hand, an update and a "
        "deletion are three calls (read, write, audit row), a completion is four: nothing checks "
        "that the interaction has not changed since it was read, no write is undone if a later one "
        "fails, and the customer's next follow-up is not looked up. The client's share is the "
        "processor time of this process, compared with the time of the call. Of a read, httpx's "
        "transport, which sends each request, takes most: for that part, the same request is sent "
        "by the bare transport and its response read but not parsed, in turn with the call. The "
        "goal applies to the rest, which is the library's own.",
        figures,
    )
