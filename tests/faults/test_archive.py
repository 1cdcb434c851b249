"""Archives, while other clients write before any of their requests, and while requests fail.

An interaction is in one of the two places, in its last state; what others deleted is in neither.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count, product
from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk import (
    CustomerInteraction,
    InteractionCreate,
    InteractionsError,
    InteractionUpdate,
    Settings,
    wire,
)
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.transfer import ArchiveResult
from interactions_sdk.transfer.archive_files import ArchiveFiles
from interactions_sdk.transfer.archive_rows import to_interaction
from interactions_sdk.wire import query
from tests.faults.interleaved import ATOMIC, FAST, UNAUDITED, make_client
from tests.faults.interleavings import NestedOperation, SteppedOperation, alternate, interrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from interactions_sdk import AuditEntry, InteractionsClient

MAY = datetime(2020, 5, 1, 10, tzinfo=UTC)
NEW_YEAR = datetime(2021, 1, 1, tzinfo=UTC)
LATER = datetime(2040, 1, 1, tzinfo=UTC)
OLD = ("first", "second", "third", "fourth", "task", "bobs")
TEXT = "what nobody is to read"


@dataclass(frozen=True)
class Before:
    """What is there before anybody begins.

    Attributes:
        settings: The settings of every client.
        rows: The interactions by their IDs.
        customer_id: The customer of all but one of them.
        snapshot: The content of a server that has nothing else.
    """

    settings: Settings
    rows: dict[str, CustomerInteraction]
    customer_id: str
    snapshot: bytes = field(repr=False)


@cache
def before(settings: Settings) -> Before:
    """Make it for one kind of client."""
    with closing(EmbeddedAppwrite()) as server, make_client(server, settings) as crm:
        crm.schema.apply()
        ada, bob = crm.customers.ensure("ada").id, crm.customers.ensure("bob").id
        drafts = [
            InteractionCreate(
                interaction_type="call",
                id=row_id,
                customer_id=bob if row_id == "bobs" else ada,
                description=TEXT,
                occurred_at=MAY + timedelta(hours=number),
                next_action_date=LATER if row_id == "task" else None,
            )
            for number, row_id in enumerate(OLD)
        ]
        new = InteractionCreate(interaction_type="call", id="new", customer_id=ada)
        crm.as_admin("root").create_many([*drafts, new]).raise_for_failures()
        rows = {row.id: row for row in crm.as_admin("root").iterate()}
        return Before(settings, rows, ada, server.snapshot())


def archive(
    folder: Path, *, events: bool = False
) -> Callable[[InteractionsClient, Before], ArchiveResult]:
    """Return a run of the archive."""

    def run(crm: InteractionsClient, _before: Before) -> ArchiveResult:
        return crm.as_admin("archivist").archive(NEW_YEAR, folder, events=events)

    return run


def _update(crm: InteractionsClient, _before: Before) -> object:
    return crm.as_admin("other").update("first", InteractionUpdate(subject="changed"))


def _reopen(crm: InteractionsClient, _before: Before) -> object:
    return crm.as_admin("other").update("first", InteractionUpdate(next_action_date=LATER))


def _complete(crm: InteractionsClient, _before: Before) -> object:
    return crm.as_admin("other").follow_ups.complete("task")


def _delete(crm: InteractionsClient, _before: Before) -> object:
    crm.as_admin("other").delete("first")
    return None


def _erase(crm: InteractionsClient, before: Before) -> object:
    return crm.as_admin("other").erase_customer(before.customer_id)


def _redact(crm: InteractionsClient, before: Before) -> object:
    return crm.as_admin("other").erase_customer(before.customer_id, mode="redact")


def _reassign(crm: InteractionsClient, before: Before) -> object:
    return crm.customers.reassign(before.customer_id, to="carla")


def _undo(crm: InteractionsClient, before: Before) -> object:
    """Do what a create does at its end if its customer was erased in the meantime."""
    executor = crm.as_admin("other")._interactions._executor
    executor.undo_create(before.rows["first"], user_id="other")
    return None


OTHERS = {
    "update": _update,
    "reopen": _reopen,
    "complete": _complete,
    "delete": _delete,
    "erase": _erase,
    "redact": _redact,
    "reassign": _reassign,
    "undo": _undo,
}


class Case:
    """An archive and another operation, each with a client of its own."""

    def __init__(self, before: Before, folder: Path, name: str, *, events: bool) -> None:
        self.before = before
        self.folder = folder
        self.name = name
        self.server = EmbeddedAppwrite(snapshot=before.snapshot)
        self.runs = (archive(folder, events=events), OTHERS[name])

    def play(self, number: int) -> Callable[[httpx.BaseTransport], object]:
        """Return the archive, or the other operation, on a transport."""

        def play(transport: httpx.BaseTransport) -> object:
            crm = make_client(self.server, self.before.settings, transport)
            return self.runs[number](crm, self.before)

        return play

    def faults(self, archived: NestedOperation | SteppedOperation, other: object) -> Iterable[str]:
        """Yield what is wrong once both have ended."""
        with closing(self.server), make_client(self.server, self.before.settings) as crm:
            yield from wrong_places(crm, self.before, self.folder)
        outcome = getattr(other, "outcome")  # noqa: B009 - of either kind
        result = archived.outcome.result
        if not isinstance(result, ArchiveResult):
            yield f"the archive ended with {archived.outcome.error!r}"
        elif self.has_audit_log and result.archived != len(archived_rows(self.folder)):
            yield f"{result}, but {sorted(archived_rows(self.folder))} are archived"
        if outcome.error is not None and not isinstance(outcome.error, InteractionsError):
            yield f"the other ended with {outcome.error!r}"
        if outcome.error is None and self.name == "delete" and self.has_audit_log:
            yield from (f"{each} is deleted, but archived" for each in self.archived("first"))
        if isinstance(outcome.result, CustomerInteraction):
            yield from self._lost_change(outcome.result)

    @property
    def has_audit_log(self) -> bool:
        """Whether a deletion is written down; otherwise, a deleted interaction may be archived."""
        return self.before.settings.audit_table is not None

    def archived(self, row_id: str) -> list[str]:
        """Return the ID if it is archived."""
        return [row_id] if row_id in archived_rows(self.folder) else []

    def _lost_change(self, changed: CustomerInteraction) -> Iterable[str]:
        kept = archived_rows(self.folder).get(changed.id)
        if kept is not None and (kept.subject, kept.outcome) != (changed.subject, changed.outcome):
            yield f"the change of {changed.id} is lost"


def archived_rows(folder: Path) -> dict[str, CustomerInteraction]:
    """Return what is archived, by the IDs; each once."""
    files = ArchiveFiles(folder)
    rows = [to_interaction(row) for path in files.find() for row in files.read(path)]
    assert len({row.id for row in rows}) == len(rows), "archived twice"
    return {row.id: row for row in rows}


def audit_log(crm: InteractionsClient) -> list[AuditEntry] | None:
    """Return all audit rows, or None without an audit log."""
    table = crm._services.project.tables.audit
    if table is None:
        return None
    return crm._connection.send(wire.list_rows(table, [query.limit(query.MAX_LIMIT)])).rows


def wrong_places(crm: InteractionsClient, before: Before, folder: Path) -> Iterable[str]:
    """Yield what is in no place or in two, and what the audit log says of it wrongly."""
    there = {row.id: row for row in crm.as_admin("root").iterate()}
    kept = archived_rows(folder)
    for row_id in kept.keys() & there.keys():
        yield f"{row_id} is in both places"
    entries = audit_log(crm)
    if entries is None:
        return
    said = {
        action: {entry.entity_id for entry in entries if entry.action == f"interaction.{action}"}
        for action in ("archived", "deleted", "erased", "redacted", "refused")
    }
    deleted = said["deleted"] | said["erased"] | said["refused"]
    readable = {row_id for row_id, row in kept.items() if row.description == TEXT}
    for what, ids in {
        "lost": before.rows.keys() - there.keys() - kept.keys() - deleted,
        "archived without an audit row": kept.keys() - said["archived"],
        "deleted by others, and archived": kept.keys() & deleted,
        "redacted, and archived with its text": readable & said["redacted"],
        "not archived, as its audit row says": said["archived"] - kept.keys() - said["refused"],
    }.items():
        yield from (f"{row_id} is {what}" for row_id in ids)


every_way = pytest.mark.parametrize(
    ("settings", "events"),
    [
        pytest.param(ATOMIC, False, id="bulk"),
        pytest.param(ATOMIC, True, id="events"),
        pytest.param(FAST, False, id="fast"),
        pytest.param(UNAUDITED, False, id="unaudited"),
    ],
)
every_other = pytest.mark.parametrize("name", OTHERS)


@every_other
@every_way
def test_an_archive_is_interrupted(
    settings: Settings,
    name: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    *,
    events: bool,
) -> None:
    """Another client's operation runs before any of its requests, and nothing is lost or kept."""
    wrong: list[str] = []
    for at in count():
        case = Case(before(settings), tmp_path / str(at), name, events=events)
        first, second = (NestedOperation(case.server.transport, case.play(n)) for n in (0, 1))
        was_interrupted = interrupt(first, at, second)
        wrong += [f"at {at}: {each}" for each in case.faults(first, second)]
        if not was_interrupted:
            break
    record_property("interleavings", at)
    assert [] == wrong


@every_other
@every_way
def test_an_archive_interrupts(
    settings: Settings,
    name: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    *,
    events: bool,
) -> None:
    """It runs before any request of another client's operation."""
    wrong: list[str] = []
    for at in count():
        case = Case(before(settings), tmp_path / str(at), name, events=events)
        first, second = (NestedOperation(case.server.transport, case.play(n)) for n in (1, 0))
        was_interrupted = interrupt(first, at, second)
        wrong += [f"at {at}: {each}" for each in case.faults(second, first)]
        if not was_interrupted:
            break
    record_property("interleavings", at)
    assert [] == wrong


@pytest.mark.slow
@pytest.mark.longest
@pytest.mark.parametrize("begins", ["archive", "other"])
@every_other
@every_way
def test_an_archive_and_another_take_turns(
    settings: Settings,
    name: str,
    begins: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    *,
    events: bool,
) -> None:
    """A part of the one, a part of the other, the rest of the first, and of the second."""
    wrong: list[str] = []
    played = 0
    order = (0, 1) if begins == "archive" else (1, 0)
    for at, other in product(range(1, 14), range(1, 14)):
        case = Case(before(settings), tmp_path / f"{at}-{other}", name, events=events)
        steps = {n: SteppedOperation(case.server.transport, case.play(n)) for n in order}
        alternate(steps[order[0]], at, steps[order[1]], other)
        played += 1
        wrong += [f"at {at}, {other}: {each}" for each in case.faults(steps[0], steps[1])]
    record_property("interleavings", played)
    assert [] == wrong


@pytest.mark.parametrize("to_one_folder", [True, False], ids=["one folder", "two folders"])
@every_way
def test_two_archives(
    settings: Settings,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    *,
    events: bool,
    to_one_folder: bool,
) -> None:
    """Whichever deletes an interaction, it is in a file: in one, unless they use two folders."""
    for at in count():
        server = EmbeddedAppwrite(snapshot=before(settings).snapshot)
        folder = tmp_path / str(at)
        folders = (folder / "a", folder / ("a" if to_one_folder else "b"))

        def play(transport: httpx.BaseTransport, which: int, to: Path) -> object:
            crm = make_client(server, settings, transport)  # noqa: B023 - it is run at once
            return crm.as_admin(f"admin{which}").archive(NEW_YEAR, to, events=events)

        runs = [
            NestedOperation(server.transport, lambda to, n=n: play(to, n, folders[n]))  # type: ignore[misc]  # noqa: B023
            for n in (0, 1)
        ]
        was_interrupted = interrupt(runs[0], at, runs[1])
        with closing(server), make_client(server, settings) as crm:
            there = {row.id for row in crm.as_admin("root").iterate()}
        assert {"task", "new"} == there
        kept = [row_id for each in {*folders} for row_id in archived_rows(each)]
        if to_one_folder:
            assert len({*kept}) == len(kept), f"at {at}"
        assert {*OLD} - {"task"} == {*kept}, f"at {at}"
        if not was_interrupted:
            break
    record_property("interleavings", at)


FAULTS = [
    pytest.param(
        fault,
        id=fault.name,
        marks=[] if fault in usual else [pytest.mark.slow, pytest.mark.longest],
    )
    for usual in [{Fault.RESET_AFTER_WRITE, Fault.TRANSACTION_CONFLICT}]
    for fault in Fault
]


@every_way
@pytest.mark.parametrize("lasts", [1, 2, None], ids=["once", "retried", "for good"])
@pytest.mark.parametrize("fault", FAULTS)
def test_requests_of_an_archive_fail(
    settings: Settings,
    fault: Fault,
    lasts: int | None,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    *,
    events: bool,
) -> None:
    """From any of its requests on: all are somewhere, and the next run ends what is begun."""
    world = before(settings)
    for first in count(1):
        folder = tmp_path / str(first)
        with closing(EmbeddedAppwrite(snapshot=world.snapshot)) as server:
            transport = FaultyTransport(server.transport, fault, first=first, count=lasts)
            told: InteractionsError | None = None
            try:
                archive(folder, events=events)(make_client(server, settings, transport), world)
            except InteractionsError as error:
                told = error
            with make_client(server, settings) as crm:
                there = {row.id for row in crm.as_admin("root").iterate()}
                kept = archived_rows(folder)
                assert world.rows.keys() == there | kept.keys(), f"from request {first}: {told!r}"
                assert told is not None or {"task", "new"} == there

                archive(folder, events=events)(crm, world)
                assert [] == list(wrong_places(crm, world, folder)), f"from request {first}"
                kept = archived_rows(folder)
                assert {row_id: world.rows[row_id] for row_id in kept} == kept
                assert {*OLD} - {"task"} == kept.keys()
        if len(transport.requests) < first:
            break
    record_property("fault cases", first)


class LossyTransport(httpx.BaseTransport):
    """Loses the first bulk delete of transactions, as Appwrite does after a deadlock.

    Args:
        inner: The transport that answers.
        times: In how many transactions.
        meanwhile: What happens after the first of them is committed.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        times: int,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        self._inner = inner
        self._times = times
        self._meanwhile = [meanwhile]
        self._is_lossy = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, and lose what is to be lost."""
        if request.method == "POST" and request.url.path.endswith("/operations") and self._times:
            body = json.loads(request.content)
            lost = [each for each in body["operations"] if each["action"] == "bulkDelete"][:1]
            for operation in lost:
                operation["data"] = {"queries": query.encode_queries([query.equal("$id", "-")])}
                self._times -= 1
                self._is_lossy = True
            content = json.dumps(body).encode()
            headers = {**request.headers, "content-length": str(len(content))}
            request = httpx.Request(request.method, request.url, headers=headers, content=content)
        response = self._inner.handle_request(request)
        if self._is_lossy and request.method == "PATCH":
            self._is_lossy = False
            while self._meanwhile:
                self._meanwhile.pop()()
        return response


@pytest.mark.parametrize("lost", [1, 3])
def test_a_committed_deletion_that_is_lost_is_repeated(tmp_path: Path, lost: int) -> None:
    """A deadlock makes Appwrite lose operations of a transaction that it commits nevertheless."""
    world = before(ATOMIC)
    with closing(EmbeddedAppwrite(snapshot=world.snapshot)) as server:
        crm = make_client(server, ATOMIC, LossyTransport(server.transport, lost))
        assert ArchiveResult(5, 1, changed=0) == archive(tmp_path)(crm, world)
        assert [] == list(wrong_places(crm, world, tmp_path))
        assert {"task", "new"} == {row.id for row in crm.as_admin("root").iterate()}


def test_a_run_that_broke_off_before_it_repeated_a_lost_deletion_is_completed(
    tmp_path: Path,
) -> None:
    """The audit rows of the first run are no obstacle for the second one."""
    world = before(ATOMIC)
    with closing(EmbeddedAppwrite(snapshot=world.snapshot)) as server:
        broken = make_client(server, ATOMIC, LossyTransport(server.transport, 100))
        with pytest.raises(InteractionsError, match="were not applied"):
            archive(tmp_path)(broken, world)
        crm = make_client(server, ATOMIC)
        assert world.rows.keys() == {row.id for row in crm.as_admin("root").iterate()}

        assert ArchiveResult(5, 1, changed=0) == archive(tmp_path)(crm, world)
        assert [] == list(wrong_places(crm, world, tmp_path))
        assert {"task", "new"} == {row.id for row in crm.as_admin("root").iterate()}


def test_what_another_program_changes_before_a_lost_deletion_is_repeated_stays(
    tmp_path: Path,
) -> None:
    """It writes no audit row; its change is not deleted."""
    world = before(ATOMIC)
    with closing(EmbeddedAppwrite(snapshot=world.snapshot)) as server:
        theirs = make_client(server, UNAUDITED)

        def change() -> None:
            theirs.as_admin("other").update("first", InteractionUpdate(subject="changed"))

        crm = make_client(server, ATOMIC, LossyTransport(server.transport, 1, change))
        assert ArchiveResult(4, 1, changed=1) == archive(tmp_path)(crm, world)
        assert "changed" == crm.as_admin("root").get("first").subject
        assert "first" not in archived_rows(tmp_path)
