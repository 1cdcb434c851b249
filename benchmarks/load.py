"""Many workers write over HTTP while requests fail, and then every row is checked.

python benchmarks/load.py                       20,000 creates by 32 workers, 1 % faults
python benchmarks/load.py --creates 2000 --fault-rate 0.05 --seed 7
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields
from itertools import islice
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING

import httpx

from interactions_sdk import (
    InteractionCreate,
    InteractionsClient,
    InteractionsError,
    RetryPolicy,
    Settings,
    wire,
)
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.models.row import ID
from interactions_sdk.testing import FaultyTransport
from interactions_sdk.wire import query
from interactions_sdk.wire.tables import tables_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

HOT = "hot"
KEY = "load-key"
SETTINGS = Settings(verify_users=False, page_size=5000)
RETRY = RetryPolicy(retries=5, initial_delay=0.02, max_delay=0.2)
TOGETHER = 1000
TRIES = 20


@dataclass(frozen=True)
class Load:
    """The amount of writes, the number of workers, and the rate of faults.

    Attributes:
        creates: The number of interactions.
        workers: The number of threads.
        customers: The number of customers besides the hot one.
        hot_share: The share of the interactions of the hot customer, 0 to 1.
        fault_rate: The probability of a fault in each request, 0 to 1.
        seed: The seed of the faults and of the choice of customers.
    """

    creates: int = 20_000
    workers: int = 32
    customers: int = 1_000
    hot_share: float = 0.2
    fault_rate: float = 0.01
    seed: int = 1


@dataclass(frozen=True)
class Report:
    """The result of a run.

    Attributes:
        seconds: The time from the first create to the last.
        requests: The number of requests sent.
        faults: The number of requests that failed on purpose.
        told_failure: The number of creates that failed after the retries, and were repeated with
            their ID.
        lost: Interactions that do not exist.
        doubled: Interactions that exist more than once.
        unaudited: Interactions without exactly one audit row.
        left_to_reconcile: Customers whose dates were not updated, according to the log.
        wrong_dates: Customers whose `lastContactAt` is not their newest interaction's, except
            those to be reconciled.
        wrong_after_reconcile: The same for those to be reconciled, after reconciling.
    """

    seconds: float
    requests: int
    faults: int
    told_failure: int
    lost: int
    doubled: int
    unaudited: int
    left_to_reconcile: int
    wrong_dates: int
    wrong_after_reconcile: int

    @property
    def is_flawless(self) -> bool:
        """Whether nothing was lost, duplicated or left incomplete."""
        flaws = (self.lost, self.doubled, self.unaudited)
        return not any((*flaws, self.wrong_dates, self.wrong_after_reconcile))


class _LeftToReconcile(logging.Handler):
    """Collects the customers whose dates were not updated, according to the log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.customers: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Store a customer."""
        customer = getattr(record, "interactions_sdk", {}).get("customer_id")
        if customer is not None:
            self.customers.add(customer)


def run(load: Load) -> Report:
    """Write, and check the result."""
    with _served() as endpoint, _client(endpoint, httpx.HTTPTransport()) as crm:
        crm.schema.apply()
        customers = _make_customers(crm, load.customers)
        transport = FaultyTransport.random(
            httpx.HTTPTransport(limits=httpx.Limits(max_connections=load.workers)),
            rate=load.fault_rate,
            seed=load.seed,
        )
        left = _LeftToReconcile()
        logging.getLogger("interactions_sdk").addHandler(left)
        began = perf_counter()
        try:
            with _client(endpoint, transport) as faulty:
                faulty._connection.uses_network = True  # noqa: SLF001 - as it does here
                told_failure = _write(faulty, load, customers)
        finally:
            logging.getLogger("interactions_sdk").removeHandler(left)
        seconds = perf_counter() - began
        return _look(
            crm,
            load,
            transport,
            left=left.customers,
            told_failure=told_failure,
            seconds=seconds,
        )


def _serve(pipe: Connection) -> None:
    with EmbeddedAppwrite(api_key=KEY) as server, server.serve() as running:
        pipe.send(running.endpoint)
        pipe.recv()


@contextmanager
def _served() -> Iterator[str]:
    """Start the server in its own process, so that it does not share a core with the workers."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    server.start()
    try:
        yield ours.recv()
    finally:
        ours.send("enough")
        server.join()
        ours.close()
        theirs.close()


def _client(endpoint: str, transport: httpx.BaseTransport) -> InteractionsClient:
    return InteractionsClient(
        endpoint,
        "embedded",
        api_key=KEY,
        settings=SETTINGS,
        transport=transport,
        timeout=60,
        retry=RETRY,
    )


def _make_customers(crm: InteractionsClient, cold: int) -> list[str]:
    ids = [HOT, *(f"cold-{number}" for number in range(cold))]
    remaining = iter(ids)
    while some := list(islice(remaining, TOGETHER)):
        with crm.transaction() as transaction:
            transaction.create_many(
                SETTINGS.customers_table, [{"$id": each, "userId": each} for each in some]
            )
    return ids[1:]


def _write(crm: InteractionsClient, load: Load, customers: list[str]) -> int:
    """Write everything; return the number of creates that failed."""
    draw = random.Random(load.seed)
    owners = [
        HOT if draw.random() < load.hot_share else draw.choice(customers)
        for _ in range(load.creates)
    ]
    counting = Lock()
    told_failure = 0

    def create(number: int) -> None:
        nonlocal told_failure
        draft = InteractionCreate(interaction_type="call", subject=str(number))
        for tries_left in reversed(range(TRIES)):
            try:
                crm.as_user(owners[number]).create(draft)
            except InteractionsError as error:
                if not tries_left:
                    raise
                draft = draft.model_copy(update={"id": error.interaction_id})
                with counting:
                    told_failure += 1
            else:
                return

    with ThreadPoolExecutor(load.workers) as pool:
        for _ in pool.map(create, range(load.creates)):
            pass
    return told_failure


def _look(
    crm: InteractionsClient,
    load: Load,
    transport: FaultyTransport,
    *,
    left: set[str],
    told_failure: int,
    seconds: float,
) -> Report:
    found: Counter[str | None] = Counter()
    audited: Counter[str] = _audited(crm)
    unaudited = 0
    newest: dict[str, object] = {}
    for interaction in crm.as_admin("root").iterate(newest_first=False):
        found[interaction.subject] += 1
        unaudited += audited[interaction.id] != 1
        newest[interaction.customer_id] = interaction.created_at
    wrong = {customer for customer, time in newest.items() if time != _last_contact(crm, customer)}
    for customer in left:
        crm.customers.reconcile(customer)
    return Report(
        seconds=seconds,
        requests=len(transport.requests),
        faults=sum(request.fault is not None for request in transport.requests),
        told_failure=told_failure,
        lost=sum(found[str(number)] == 0 for number in range(load.creates)),
        doubled=sum(times > 1 for times in found.values()),
        unaudited=unaudited,
        left_to_reconcile=len(left),
        wrong_dates=len(wrong - left),
        wrong_after_reconcile=sum(
            newest[each] != _last_contact(crm, each) for each in left & newest.keys()
        ),
    )


def _last_contact(crm: InteractionsClient, customer_id: str) -> object:
    return crm.customers.get(customer_id).last_contact_at


def _audited(crm: InteractionsClient) -> Counter[str]:
    """Return the number of audit rows of each interaction."""
    table = tables_for(crm.settings).audit
    assert table is not None  # noqa: S101 - the settings above have one
    counted: Counter[str] = Counter()
    last = ""
    while True:
        queries = [
            query.greater_than(ID, last),
            query.ascending(ID),
            query.limit(query.MAX_LIMIT),
        ]
        rows = crm._connection.send(wire.list_rows(table, queries)).rows  # noqa: SLF001 - it is ours
        counted.update(row.entity_id for row in rows)
        if len(rows) < query.MAX_LIMIT:
            return counted
        last = rows[-1].id


def main() -> None:
    """Read the command line, run, and print the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for option in fields(Load):
        flag = "--" + option.name.replace("_", "-")
        parser.add_argument(flag, type=type(option.default), default=option.default)
    load = Load(**vars(parser.parse_args()))
    report = run(load)
    for option in fields(Report):
        print(f"{option.name.replace('_', ' '):24}{round(getattr(report, option.name), 1):>12,}")
    print(f"{'creates per second':24}{load.creates / report.seconds:>12,.1f}")
    if not report.is_flawless:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
