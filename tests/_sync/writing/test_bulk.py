# Generated from tests/_async/writing/test_bulk.py by scripts/unasync.py; do not edit.
"""Bulk writes: each draft is written once, in order, whatever fails."""

from __future__ import annotations

import json
import logging
import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

import httpx
import pytest

from interactions_sdk import (
    APIConnectionError,
    AuditEntry,
    BadRequestError,
    BulkResult,
    ConflictError,
    CustomerInteraction,
    CustomerNotFoundError,
    DeletedError,
    InteractionCreate,
    InteractionRepository,
    InteractionsClient,
    InteractionsError,
    OwnershipError,
    PermissionDeniedError,
    RetryPolicy,
    ServerError,
    Settings,
    wire,
)
from interactions_sdk.concurrency import map_concurrent
from interactions_sdk.datetimes import format_datetime
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.identifiers import CREATED, audit_row_id
from interactions_sdk.models.row import ID
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.wire import query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from interactions_sdk.embedded import EmbeddedAppwrite


YEAR_2020 = datetime(2020, 5, 1, 10, tzinfo=UTC)
HANDFUL = Settings(verify_users=False, bulk_size=5)
HUNDREDS = Settings(verify_users=False, bulk_size=250)
UNAUDITED = Settings(verify_users=False, bulk_size=5, audit_table=None)
ROWS = "/tablesdb/console-db/tables/{}/rows"

OnError = Literal["stop", "continue"]


class Watched(httpx.BaseTransport):
    """A transport to the embedded server that records and changes requests.

    Attributes:
        requests: The method and path of every request.
        instead: Responds instead of the server, unless it returns None.
        after: Is called after the server has responded.
    """

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.requests: list[tuple[str, str]] = []
        self.instead: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
        self.after: Callable[[httpx.Request], object] = lambda _: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Forward a request."""
        self.requests.append((request.method, request.url.path.removeprefix("/v1")))
        own = self.instead(request)
        if own is not None:
            return own
        response = self._inner.handle_request(request)
        response.read()
        self.after(request)
        return response

    def sent(self, method: str, path: str) -> int:
        """Return the number of requests with a method and path."""
        return self.requests.count((method, path))


class Scene:
    """A server with customers, and a second client without faults."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.server: EmbeddedAppwrite = start_embedded_server(":memory:", settings)
        self.watched = Watched(self.server.transport)
        self.aside = InteractionsClient(
            "http://embedded/v1",
            self.server.project,
            api_key=self.server.api_key,
            settings=settings,
            transport=self.server.transport,
        )

    def client(
        self,
        transport: httpx.BaseTransport | None = None,
        settings: Settings | None = None,
        retries: int = 0,
    ) -> InteractionsClient:
        """Return a client of the server."""
        return InteractionsClient(
            "http://embedded/v1",
            self.server.project,
            api_key=self.server.api_key,
            settings=settings or self.settings,
            transport=transport or self.watched,
            retry=RetryPolicy(retries=retries, initial_delay=0),
        )

    def admin(self, **client: Any) -> InteractionRepository:
        """Return the interactions of all customers."""
        return self.client(**client).as_admin("root")

    def add_customers(self, count: int) -> list[str]:
        """Create customers, and return their IDs."""
        for number in range(count):
            self.aside.customers.create(user_id=f"user{number}", id=f"c{number}")
        return [f"c{number}" for number in range(count)]

    def rows(self) -> list[CustomerInteraction]:
        """Return all interactions, by subject."""
        return sorted(self.aside.as_admin("root").iterate(), key=lambda row: row.subject or "")

    def audit_rows(self) -> list[AuditEntry]:
        """Return the whole audit log."""
        table = self.aside._services.project.tables.audit
        assert table is not None
        return self.aside._connection.send(
            wire.list_rows(table, [query.limit(query.MAX_LIMIT)])
        ).rows

    def last_contact_at(self, customer_id: str) -> datetime | None:
        """Return the last contact of a customer."""
        return self.aside.customers.get(customer_id).last_contact_at

    def set_last_contact_at(self, customer_id: str, at: datetime | None) -> None:
        """Set the last contact of a customer, as another program might."""
        data = {"lastContactAt": at and format_datetime(at)}
        table = self.aside._services.project.tables.customers
        self.aside._connection.send(wire.update_row(table, customer_id, data))

    def check_written_once(self, result: BulkResult, drafts: list[InteractionCreate]) -> None:
        """Check that each draft is one interaction with one audit row."""
        rows = {row.id: row.subject for row in self.rows()}
        assert [draft.subject for draft in drafts] == [rows[str(each)] for each in result.ids]
        assert len(rows) == len(drafts)
        created = [entry.entity_id for entry in self.audit_rows()]
        assert sorted(rows) == sorted(created)


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Yield a scene with chunks of five rows."""
    yield from opened(HANDFUL)


@pytest.fixture
def wide_scene() -> Iterator[Scene]:
    """Yield a scene with chunks of 250 rows."""
    yield from opened(HUNDREDS)


def opened(settings: Settings) -> Iterator[Scene]:
    """Yield a scene, and close it."""
    scene = Scene(settings)
    yield scene
    scene.server.close()


def call(number: int, customer_id: str | None = "c0", **fields: Any) -> InteractionCreate:
    """Return a draft with its own key."""
    fields = {"idempotency_key": f"key{number}"} | fields
    return InteractionCreate(
        interaction_type="call", subject=f"{number:06}", customer_id=customer_id, **fields
    )


def calls(count: int, customers: Iterable[str] = ("c0",), **fields: Any) -> list[InteractionCreate]:
    """Return drafts, for each customer in turn."""
    ids = list(customers)
    return [call(number, ids[number % len(ids)], **fields) for number in range(count)]


def bad_call(number: int, **fields: Any) -> InteractionCreate:
    """Return a draft that the SDK accepts and Appwrite rejects."""
    good = call(number, **fields)
    return InteractionCreate.model_construct(**{**dict(good), "interaction_type": "fax"})


def in_days(days: float) -> datetime:
    """Return the time in a number of days."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def bulk_updates(scene: Scene) -> int:
    """Return the number of updates of several customers."""
    return scene.watched.sent("PATCH", ROWS.format("customers"))


# What is written


def test_many_are_written_in_order(scene: Scene) -> None:
    """Each draft becomes one interaction with one audit row, and the IDs come in input order."""
    drafts = calls(23, scene.add_customers(3))
    result = scene.admin().create_many(iter(drafts))
    scene.check_written_once(result, drafts)
    result.raise_for_failures()
    assert {"interaction.created"} == {entry.action for entry in scene.audit_rows()}


def test_a_user_writes_its_own(scene: Scene) -> None:
    """The customer's user may read, change and delete what was written."""
    scene.add_customers(1)
    scene.client().as_user("user0").create_many([call(1, None), call(2, "c0")])
    rights = ['read("user:user0")', 'update("user:user0")', 'delete("user:user0")']
    assert [("c0", "user0", "user0", rights)] * 2 == [
        (row.customer_id, row.user_id, row.created_by, row.permissions) for row in scene.rows()
    ]


def test_nothing_is_written_for_nothing(scene: Scene) -> None:
    """An empty input costs no request."""
    result = scene.admin().create_many([])
    assert ([], []) == (list(result), scene.watched.requests)


def test_without_audit_there_are_no_audit_rows() -> None:
    """Without an audit log, repeated interactions are recognized by their rows."""
    for scene in opened(UNAUDITED):
        scene.add_customers(1)
        drafts = [*calls(12), call(12, occurred_at=YEAR_2020)]
        first = scene.admin().create_many(drafts)
        again = scene.admin().create_many(drafts)
        assert first.ids == again.ids
        assert 13 == len(scene.rows())


def test_dated_and_undated_drafts_mix(scene: Scene) -> None:
    """Given dates are kept, and each customer's last contact is the latest."""
    scene.add_customers(2)
    drafts = [call(n, "c1", occurred_at=YEAR_2020 + timedelta(days=n)) for n in range(7)]
    drafts[2] = call(2, "c0")
    result = scene.admin().create_many(drafts)
    scene.check_written_once(result, drafts)
    rows = scene.rows()
    assert YEAR_2020 + timedelta(days=5) == rows[5].created_at
    assert rows[2].created_at.year > 2020
    assert (rows[2].created_at, rows[6].created_at) == (
        scene.last_contact_at("c0"),
        scene.last_contact_at("c1"),
    )


def test_events_need_single_posts(scene: Scene) -> None:
    """With `events=True`, rows are not written in transactions, which raise no events."""
    scene.add_customers(1)
    drafts = calls(7)
    result = scene.admin().create_many(drafts, events=True)
    scene.check_written_once(result, drafts)
    assert 2 == scene.watched.sent("POST", ROWS.format("customer_interactions"))
    assert 2 == scene.watched.sent("POST", ROWS.format("audit_logs"))
    assert not scene.watched.sent("POST", "/tablesdb/transactions")


@pytest.mark.unmeasured
def test_what_it_costs(wide_scene: Scene) -> None:
    """A chunk takes one transaction and one read of its time; a customer is updated once."""
    wide_scene.add_customers(1)
    client = wide_scene.client()
    client.customers.get("c0")
    wide_scene.watched.requests.clear()
    client.as_admin("root").create_many(calls(1000))
    assert 4 * (3 + 1) + 1 == len(wide_scene.watched.requests)


def test_rows_of_several_times_are_all_read(wide_scene: Scene) -> None:
    """Posted rows have one time per request of 100; the last contact is the latest of them."""
    wide_scene.add_customers(1)
    result = wide_scene.admin().create_many(calls(250), events=True)
    result.raise_for_failures()
    times = {row.created_at for row in wide_scene.rows()}
    assert 3 == len(times)
    assert max(times) == wide_scene.last_contact_at("c0")


def test_an_interrupted_run_names_what_was_written(scene: Scene) -> None:
    """The exception has a note that says how many drafts were processed."""
    scene.add_customers(1)

    def interrupt(done: int) -> None:
        raise KeyboardInterrupt(done)

    with pytest.raises((KeyboardInterrupt, BaseExceptionGroup)) as caught:
        scene.admin().create_many(calls(5), on_progress=interrupt)
    [note] = caught.value.__notes__
    assert "the first 5 drafts are processed, 0 of them failed" in note
    assert 5 == len(scene.rows())


def test_progress_is_told(scene: Scene) -> None:
    """`on_progress` is called after each chunk with the number of drafts processed."""
    scene.add_customers(1)
    told: list[int] = []
    scene.admin().create_many(calls(12), on_progress=told.append)
    assert [5, 10, 12] == told


def test_what_was_read_is_forgotten(scene: Scene) -> None:
    """Cached reads of a customer are dropped by a bulk write."""
    scene.add_customers(1)
    repository = scene.client().as_user("user0")
    age = timedelta(minutes=1)
    assert not (repository.find(max_age=age)).items
    repository.create_many([call(1)])
    assert 1 == len((repository.find(max_age=age)).items)


# Rejected drafts


def test_each_refusal_is_the_drafts_own(scene: Scene) -> None:
    """Drafts with a missing, wrong or no customer fail; the others are written."""
    scene.add_customers(1)
    drafts = [
        call(0),
        call(1, "nobody"),
        call(2, None),
        call(3, "../c0"),
        call(4),
        call(5, "nobody"),
    ]
    result = scene.admin().create_many(drafts, on_error="continue")
    assert [None, CustomerNotFoundError, BadRequestError, BadRequestError, None] == [
        item.error and type(item.error) for item in result[:5]
    ]
    assert result[1].error is not result[5].error
    assert ["000000", "000004"] == [row.subject for row in scene.rows()]


@pytest.mark.parametrize("settings", [HANDFUL, UNAUDITED])
def test_another_ones_customer_is_refused(settings: Settings) -> None:
    """Another user's customer is reported like a missing one, and audited if possible."""
    for scene in opened(settings):
        scene.add_customers(2)
        drafts = [call(0, "c1"), call(1, "c0")]
        result = scene.client().as_user("user0").create_many(drafts)
        assert [OwnershipError] == [type(item.error) for item in result.failed]
        assert [1] == [item.index for item in result if item.id]
        if settings.audit_table is not None:
            refused = [each for each in scene.audit_rows() if each.action.endswith("refused")]
            assert [("c1", "user0")] == [(each.entity_id, each.user_id) for each in refused]


def test_a_refusal_stands_where_it_is_not_audited(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """An ownership error is reported even if it cannot be audited, which is logged."""
    scene.add_customers(2)
    faulty = FaultyTransport(scene.server.transport, Fault.REFUSED, method="POST", route="*audit*")
    client = scene.client(transport=faulty)
    result = client.as_user("user0").create_many([call(0, "c1")])
    assert isinstance(result[0].error, OwnershipError)
    assert "refusals were not audited (APIConnectionError)" in caplog.messages


def test_a_false_admin_writes_nothing() -> None:
    """A user who is not an admin is rejected and audited before the input is read."""
    for scene in opened(Settings(bulk_size=5)):
        scene.aside._connection.send(
            wire.Call("POST", "/users", "/users", bytes, b'{"userId":"eve"}')
        )
        drafts = iter([call(0)])
        with pytest.raises(PermissionDeniedError):
            scene.client().as_admin("eve").create_many(drafts)
        assert [("interaction.refused", "eve")] == [
            (entry.action, entry.user_id) for entry in scene.audit_rows()
        ]
        assert call(0) == next(drafts)


def test_only_drafts_are_taken(scene: Scene) -> None:
    """Another type of object raises an error after the drafts before it are written."""
    scene.add_customers(1)
    drafts: list[Any] = [*calls(7), {"subject": "x"}, call(8)]
    with pytest.raises(BadRequestError, match="must be an InteractionCreate, not a dict") as caught:
        scene.admin().create_many(drafts)
    assert ["create_many() had read 7 drafts"] == [
        note.partition(";")[0] for note in caught.value.__notes__
    ]
    assert 7 == len(scene.rows())


def test_what_to_do_about_errors_is_one_of_two(scene: Scene) -> None:
    """`on_error` accepts only two values."""
    wrong: Any = "ignore"
    with pytest.raises(BadRequestError, match="'stop' or 'continue', not 'ignore'"):
        scene.admin().create_many([], on_error=wrong)


@pytest.mark.unmeasured
@pytest.mark.parametrize("fields", [{}, {"occurred_at": YEAR_2020}])
@pytest.mark.parametrize("events", [False, True])
def test_the_bad_row_is_named(wide_scene: Scene, *, fields: dict[str, Any], events: bool) -> None:
    """Only the invalid rows of a rejected chunk fail; all others are written."""
    wide_scene.add_customers(1)
    drafts = calls(250, **fields)
    for number in (37, 38, 249):
        drafts[number] = bad_call(number, **fields)
    result = wide_scene.admin().create_many(drafts, events=events)
    assert [37, 38, 249] == [item.index for item in result.failed]
    assert 247 == len(wide_scene.rows())
    for item in result.failed:
        assert isinstance(item.error, BadRequestError)
        assert "interactionType" in item.error.message
        assert item.error.interaction_id
        assert item.error.__traceback__ is None


@pytest.mark.parametrize(("character", "count"), [("я", 180), ("😀", 90)])
def test_long_texts_go_in_smaller_parts(wide_scene: Scene, character: str, count: int) -> None:
    """Rows that are too large for one operation are written in several."""
    wide_scene.add_customers(1)
    drafts = calls(count, description=character * 5000)
    result = wide_scene.admin().create_many(drafts)
    wide_scene.check_written_once(result, drafts)


@pytest.mark.parametrize("status", [400, 413])
def test_a_server_that_takes_a_hundred(status: int) -> None:
    """After one rejection, chunks have 100 rows."""

    def refuse(request: httpx.Request) -> httpx.Response | None:
        operations = json.loads(request.content or b"{}").get("operations", [])
        if not any(len(each["data"]) > 100 for each in operations):
            return None
        refused.append(request)
        return httpx.Response(status, json={"message": "Too many", "type": "x", "code": status})

    for scene in opened(Settings(verify_users=False, bulk_size=120)):
        refused: list[httpx.Request] = []
        scene.add_customers(1)
        scene.watched.instead = refuse
        drafts = calls(720)
        result = scene.admin().create_many(drafts)
        scene.check_written_once(result, drafts)
        assert 1 <= len(refused) <= 4, "only what was under way met the refusal"


@pytest.mark.parametrize(("on_error", "every"), [("stop", False), ("continue", True)])
def test_stopping_and_going_on(scene: Scene, *, on_error: OnError, every: bool) -> None:
    """After a failure, no further chunk is started with `stop`, and all are with `continue`."""
    scene.add_customers(1)
    drafts = [bad_call(0), *calls(60)[1:]]
    remaining = iter(drafts)
    result = scene.admin().create_many(remaining, on_error=on_error)
    assert every == (len(result) == 60)
    assert [0] == [item.index for item in result.failed]
    assert 60 - len(result) == len(list(remaining)), "what is not in the result was not taken"
    assert len(result) - 1 == len(scene.rows())


# The input


def test_an_input_that_fails(scene: Scene) -> None:
    """If the input fails, what was read before is written, and the error is raised."""
    scene.add_customers(1)

    def drafts() -> Iterator[InteractionCreate]:
        yield from calls(23)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        scene.admin().create_many(drafts())
    assert 23 == len(scene.rows())
    assert max(row.created_at for row in scene.rows()) == scene.last_contact_at("c0")


def test_progress_that_fails(scene: Scene) -> None:
    """An error of `on_progress` is raised after the customers are updated."""
    scene.add_customers(1)

    def fail(_: int) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        scene.admin().create_many(calls(5), on_progress=fail)
    assert scene.last_contact_at("c0") is not None


def test_the_same_draft_twice(scene: Scene) -> None:
    """A repeated draft is written once, and both results have its ID."""
    scene.add_customers(1)
    drafts = [call(1), call(1), call(2), call(3), call(4), call(1)]
    result = scene.admin().create_many(drafts)
    assert result.ids[0] == result.ids[1] == result.ids[5]
    assert 4 == len(scene.rows())


@pytest.mark.parametrize("distance", [1, 5])
def test_another_draft_with_the_same_key(scene: Scene, distance: int) -> None:
    """The first draft is written, the other one is a conflict."""
    scene.add_customers(1)
    drafts = calls(6)
    drafts[distance] = call(99, idempotency_key="key0")
    result = scene.admin().create_many(drafts, on_error="continue")
    conflicts = {item.index: item.error for item in result.failed}
    assert len(conflicts) == 1
    (error,) = conflicts.values()
    assert isinstance(error, ConflictError)
    assert "from another draft" in str(error)
    assert 5 == len(scene.rows())


def test_ids_that_differ_in_case_collide(scene: Scene) -> None:
    """IDs that differ only in case conflict, since Appwrite treats them as equal."""
    scene.add_customers(1)
    first = call(0, idempotency_key=None, id="A1")
    second = first.model_copy(update={"id": "a1"})
    together = scene.admin().create_many([first, second])
    later = scene.admin().create_many([second])
    assert ["A1"] == [row.id for row in scene.rows()]
    for item in (together[1], later[0]):
        assert isinstance(item.error, ConflictError)


def test_a_bad_draft_leaves_its_key(scene: Scene) -> None:
    """A valid draft with the key of an invalid one is written."""
    scene.add_customers(1)
    drafts = [bad_call(0), bad_call(0), call(0), call(0)]
    result = scene.admin().create_many(drafts)
    assert [0, 1] == [item.index for item in result.failed]
    assert result[0].error is not result[1].error
    assert [result.ids[2]] * 2 == [result.ids[3], scene.rows()[0].id]


# Repeated runs


@pytest.mark.parametrize("fields", [{}, {"occurred_at": YEAR_2020}])
def test_a_run_can_be_repeated(scene: Scene, fields: dict[str, Any]) -> None:
    """Repeating a run with the same keys finds the interactions and writes the rest."""
    scene.add_customers(1)
    drafts = calls(12, **fields)
    first = scene.admin().create_many(drafts[:7])
    again = scene.admin().create_many(drafts)
    assert first.ids == again.ids[:7]
    scene.check_written_once(again, drafts)


@pytest.mark.parametrize("settings", [HANDFUL, UNAUDITED])
def test_what_was_changed_since_is_the_same(settings: Settings) -> None:
    """A changed interaction is recognized by its fingerprint, or without audit log by its key."""
    for scene in opened(settings):
        scene.add_customers(1)
        result = scene.admin().create_many([call(0)])
        table = scene.aside._services.project.tables.interactions
        changed = wire.update_row(table, str(result.ids[0]), {"subject": "Other"})
        scene.aside._connection.send(changed)
        again = scene.admin().create_many([call(0)])
        assert result.ids == again.ids


def test_what_was_deleted_since_stays_deleted(scene: Scene) -> None:
    """The key of a deleted interaction cannot be used again."""
    scene.add_customers(1)
    result = scene.admin().create_many([call(0)])
    scene.aside.as_admin("root").delete(str(result.ids[0]))
    again = scene.admin().create_many([call(0), call(1)])
    assert "is deleted" in str(again[0].error)
    assert ["000001"] == [row.subject for row in scene.rows()]


def test_an_id_of_another_customer(scene: Scene) -> None:
    """An ID of another customer is a conflict for an admin, and free for a user."""
    scene.add_customers(2)
    scene.admin().create_many([call(0, "c0", idempotency_key=None, id="x1")])
    draft = call(1, "c1", idempotency_key=None, id="x1")
    error = (scene.admin().create_many([draft]))[0].error
    assert isinstance(error, ConflictError)
    assert error.current is None
    user = scene.client().as_user("user1")
    result = user.create_many([draft])
    assert result.ids == (user.create_many([draft])).ids
    assert {"x1", result.ids[0]} == {row.id for row in scene.rows()}


def test_missing_audit_rows_are_written(scene: Scene) -> None:
    """Audit rows that an interrupted run has not written are written by the next run."""
    scene.add_customers(1)
    drafts = calls(3)
    first = scene.admin().create_many(drafts)
    table = scene.aside._services.project.tables.audit
    assert table is not None
    lost = audit_row_id(str(first.ids[1]), CREATED)
    scene.aside._connection.send(wire.delete_row(table, lost))
    again = scene.admin().create_many(drafts)
    assert first.ids == again.ids
    assert 3 == len(scene.audit_rows())


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_audit_rows_that_are_there(scene: Scene, lost: int) -> None:
    """An interaction is written again only if no audit row shows that it existed."""
    scene.add_customers(1)
    drafts = calls(2, occurred_at=YEAR_2020)
    first = scene.admin().create_many(drafts)
    audit = scene.aside._services.project.tables.audit
    assert audit is not None
    for row_id in first.ids:
        table = scene.aside._services.project.tables.interactions
        scene.aside._connection.send(wire.delete_row(table, str(row_id)))
    for row_id in first.ids[:lost]:
        scene.aside._connection.send(wire.delete_row(audit, audit_row_id(str(row_id), CREATED)))
    again = scene.admin().create_many(drafts)
    assert [True] * lost + [False] * (2 - lost) == [item.error is None for item in again]
    assert all(isinstance(item.error, DeletedError) for item in list(again)[lost:])
    assert lost == len(scene.rows())
    assert 2 == len(scene.audit_rows())


FAULTS = (Fault.REFUSED, Fault.TIMEOUT_AFTER_WRITE, Fault.SERVER_ERROR_BEFORE_WRITE)


def crash_scene() -> tuple[Scene, list[InteractionCreate]]:
    """Return a scene with five customers, and drafts of every kind for them."""
    scene = Scene(HANDFUL)
    drafts = [
        *calls(7, scene.add_customers(5)),
        *[call(number, "c1", occurred_at=in_days(-number)) for number in range(7, 9)],
        call(9, "c2", next_action_date=in_days(3)),
    ]
    return scene, drafts


def requests_of_a_run(*, events: bool) -> int:
    """Return the number of requests for the drafts without faults."""
    scene, drafts = crash_scene()
    scene.admin().create_many(drafts, events=events)
    scene.server.close()
    return len(scene.watched.requests)


def check_what_was_told(scene: Scene, result: BulkResult) -> None:
    """Check that successes are written, and that failures are not, or may have been applied."""
    written = {row.id for row in scene.rows()}
    for item in result:
        if item.id is not None:
            assert item.id in written
        else:
            assert isinstance(item.error, InteractionsError)
            assert item.error.may_have_landed or item.error.interaction_id not in written


def check_dates(scene: Scene) -> None:
    """Check that each customer's last contact is the time of their newest interaction."""
    rows = sorted(scene.rows(), key=lambda row: row.created_at)
    newest = {row.customer_id: row.created_at for row in rows}
    assert newest == {each: scene.last_contact_at(each) for each in newest}


USUAL = {
    (Fault.TIMEOUT_AFTER_WRITE, 1, False),
    (Fault.SERVER_ERROR_BEFORE_WRITE, None, False),
    (Fault.REFUSED, 1, True),
    (Fault.TIMEOUT_AFTER_WRITE, None, True),
}
"""The cases of the fast tests; the slow tests have all."""


@pytest.mark.unmeasured
@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("fault", "times", "events"),
    [
        pytest.param(
            fault,
            times,
            events,
            id="-".join(
                (
                    "posted" if events else "together",
                    fault.name,
                    "once" if times else "from then on",
                )
            ),
            marks=[] if (fault, times, events) in USUAL else pytest.mark.slow,
        )
        for events, fault, times in product((False, True), FAULTS, (1, None))
    ],
)
def test_a_crash_at_each_request(
    monkeypatch: pytest.MonkeyPatch, *, fault: Fault, times: int | None, events: bool
) -> None:
    """Whichever request fails, repeating the run completes it without duplicates."""
    monkeypatch.setattr("interactions_sdk._sync.connection.transactions._PAUSE", 0)
    for at in range(1, requests_of_a_run(events=events) + 1):
        scene, drafts = crash_scene()
        transport = FaultyTransport(scene.server.transport, fault, first=at, count=times)
        first = scene.admin(transport=transport).create_many(
            drafts, on_error="continue", events=events
        )
        check_what_was_told(scene, first)
        second = scene.admin().create_many(drafts)
        second.raise_for_failures()
        scene.check_written_once(second, drafts)
        check_dates(scene)
        assert drafts[9].next_action_date == scene.aside.customers.get("c2").next_follow_up_at
        scene.server.close()


@pytest.mark.unmeasured
def test_two_runs_at_once(scene: Scene) -> None:
    """Two concurrent runs with the same keys write each row once."""
    scene.add_customers(1)
    drafts = calls(40)

    def run(name: str) -> BulkResult:
        return scene.client().as_admin(name).create_many(drafts)

    with map_concurrent(run, ["one", "two"], 2) as under_way:
        results = [result for result in under_way]
    assert results[0].ids == results[1].ids
    scene.check_written_once(results[0], drafts)


# Network failures


def test_a_chunk_that_fails(scene: Scene) -> None:
    """Each draft has its own error, with the ID that makes repeating it safe."""
    scene.add_customers(1)
    faulty = FaultyTransport(
        scene.server.transport, Fault.REFUSED, count=None, route="/tablesdb/transactions"
    )
    result = scene.admin(transport=faulty).create_many(calls(3))
    errors = [item.error for item in result.failed]
    assert 3 == len({id(error) for error in errors})
    for error in errors:
        assert isinstance(error, APIConnectionError)
        assert error.interaction_id
        assert not error.may_have_landed


def test_customers_that_cannot_be_read(scene: Scene) -> None:
    """If the customers cannot be read, all drafts fail after one request."""
    faulty = FaultyTransport(scene.server.transport, Fault.REFUSED, count=None)
    result = scene.admin(transport=faulty).create_many(calls(3))
    assert [APIConnectionError] * 3 == [type(item.error) for item in result]
    assert 1 == len(faulty.requests)


def test_a_conflict_without_a_reason_passes(scene: Scene) -> None:
    """A temporary conflict is retried."""
    scene.add_customers(1)
    faulty = FaultyTransport(
        scene.server.transport, Fault.TRANSACTION_CONFLICT, count=2, route="*/operations"
    )
    drafts = calls(3)
    result = scene.admin(transport=faulty).create_many(drafts)
    scene.check_written_once(result, drafts)
    staged = [each for each in faulty.requests if each.route.endswith("/operations")]
    assert 3 == len(staged)


def test_a_conflict_without_an_end(scene: Scene) -> None:
    """A permanent conflict is reported after a few retries."""
    scene.add_customers(1)
    route = "/tablesdb/transactions/{id}"
    faulty = FaultyTransport(
        scene.server.transport,
        Fault.TRANSACTION_CONFLICT,
        count=None,
        method="PATCH",
        route=route + "*",
    )
    result = scene.admin(transport=faulty).create_many(calls(3))
    assert [ConflictError] * 3 == [type(item.error) for item in result]
    assert not scene.rows()


def test_a_conflict_that_cannot_be_looked_into(scene: Scene) -> None:
    """If the conflicting row cannot be read, the draft may have been applied."""
    scene.add_customers(1)
    scene.admin().create_many(calls(2))
    faulty = FaultyTransport(
        scene.server.transport, Fault.SERVER_ERROR_BEFORE_WRITE, method="GET", route="*audit*"
    )
    result = scene.admin(transport=faulty).create_many(calls(3))
    for item in result:
        assert isinstance(item.error, ServerError)
        assert item.error.may_have_landed


@pytest.mark.parametrize(
    ("fault", "times"), [(Fault.REFUSED, 1), (Fault.TRANSACTION_CONFLICT, None)]
)
def test_audit_rows_that_fail(scene: Scene, fault: Fault, times: int | None) -> None:
    """If audit rows fail, the error says that the interactions may have been written."""
    scene.add_customers(1)
    faulty = FaultyTransport(
        scene.server.transport, fault, count=times, method="POST", route="*audit*"
    )
    result = scene.admin(transport=faulty).create_many(calls(3), events=True)
    for item in result:
        assert isinstance(item.error, InteractionsError)
        assert item.error.may_have_landed
    again = scene.admin().create_many(calls(3), events=True)
    scene.check_written_once(again, calls(3))


# The customers


def test_customers_are_moved_together(scene: Scene) -> None:
    """The customers of a chunk get the same last contact in one request."""
    customers = scene.add_customers(5)
    scene.set_last_contact_at("c4", in_days(1))
    scene.admin().create_many(calls(5, customers))
    at = scene.rows()[0].created_at
    assert [at] * 4 == [scene.last_contact_at(each) for each in customers[:4]]
    assert in_days(0.9) < (scene.last_contact_at("c4") or YEAR_2020), "never moved back"
    assert 1 == bulk_updates(scene)
    assert not scene.watched.sent("PATCH", ROWS.format("customers") + "/c0")


def test_customers_that_are_ahead(scene: Scene) -> None:
    """A later last contact is kept, and customers are not checked twice."""
    customers = scene.add_customers(4)
    for customer_id in customers:
        scene.set_last_contact_at(customer_id, in_days(1))
    ahead = [scene.last_contact_at(each) for each in customers]
    scene.admin().create_many(calls(4, customers))
    assert ahead == [scene.last_contact_at(each) for each in customers]
    assert 1 == bulk_updates(scene)


def test_a_few_customers_are_moved_one_by_one(scene: Scene) -> None:
    """A few customers, and those with follow-ups, are updated one by one."""
    scene.add_customers(3)
    later, sooner, done = in_days(3), in_days(2), in_days(1)
    drafts = [
        call(0, "c0", next_action_date=later),
        call(1, "c0", next_action_date=sooner),
        call(2, "c0", next_action_date=done, outcome="resolved"),
        call(3, "c1"),
    ]
    scene.admin().create_many(drafts)
    assert sooner == scene.aside.customers.get("c0").next_follow_up_at
    assert scene.rows()[3].created_at == scene.last_contact_at("c1")
    assert not bulk_updates(scene)


def test_many_customers_are_moved_in_between(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """With many customers, the dates are updated during the run to limit memory."""
    monkeypatch.setattr("interactions_sdk._sync.writing.bulk._MAX_PENDING_CUSTOMERS", 5)
    customers = scene.add_customers(10)
    scene.admin().create_many(calls(10, customers))
    assert 2 == bulk_updates(scene)
    assert None not in [scene.last_contact_at(each) for each in customers]


def test_customers_that_are_not_remembered(scene: Scene) -> None:
    """A client without a cache reads the customers again."""
    customers = scene.add_customers(5)
    settings = scene.settings.model_copy(update={"cache_ttl": 0})
    result = scene.admin(settings=settings).create_many(calls(7, customers))
    scene.check_written_once(result, calls(7, customers))
    assert None not in [scene.last_contact_at(each) for each in customers]


@pytest.mark.parametrize("is_dated", [False, True])
def test_customers_that_are_not_remembered_are_read_together(
    scene: Scene, *, is_dated: bool
) -> None:
    """Without a cache, customers are read in one request, however they are updated."""
    customers = scene.add_customers(5)
    admin = scene.admin(settings=scene.settings.model_copy(update={"cache_ttl": 0}))
    drafts = [
        call(number, each, occurred_at=YEAR_2020 + timedelta(days=number) if is_dated else None)
        for number, each in enumerate(customers)
    ]
    (admin.create_many(drafts)).raise_for_failures()
    one_by_one = [f"{ROWS.format('customers')}/{each}" for each in customers]
    assert 0 == sum(scene.watched.sent("GET", path) for path in one_by_one)
    assert 2 == scene.watched.sent("GET", ROWS.format("customers"))


def test_another_writer_is_not_moved_back(scene: Scene) -> None:
    """A later contact that another program wrote during the bulk update is restored."""
    customers = scene.add_customers(5)

    def overwrite(request: httpx.Request) -> None:
        if (request.method, request.url.path) == ("PATCH", "/v1" + ROWS.format("customers")):
            at = scene.last_contact_at("c0")
            for customer_id, day in (("c1", 1), ("c1", 2), ("C2", 3)):
                columns = {
                    "customerId": customer_id,
                    "interactionType": "call",
                    "direction": "outbound",
                    "userId": "root",
                    "$createdAt": format_datetime(in_days(day)),
                }
                table = scene.aside._services.project.tables.interactions
                scene.aside._connection.send(wire.create_row(table, f"other{day}", columns))
            scene.set_last_contact_at("c1", at)
            scene.set_last_contact_at("c3", None)
            scene.set_last_contact_at("c4", in_days(9))

    scene.watched.after = overwrite
    scene.admin().create_many(calls(5, customers))
    dates = [scene.last_contact_at(each) for each in customers]
    at = dates[0]
    assert at is not None
    assert [at, at, at] == [dates[0], dates[2], dates[3]]
    assert in_days(1.9) < (dates[1] or at) < in_days(2.1)
    assert in_days(8.9) < (dates[4] or at)


def test_customers_that_all_have_something_newer(scene: Scene) -> None:
    """The search for newer interactions ends once each customer has one."""
    customers = scene.add_customers(4)
    later = calls(4, customers, occurred_at=in_days(-1))
    scene.admin().create_many(later)
    for customer_id in customers:
        scene.set_last_contact_at(customer_id, None)
    drafts = [call(n + 9, f"c{n % 4}", occurred_at=YEAR_2020) for n in range(4)]
    scene.admin().create_many(drafts)
    assert {later[0].occurred_at} == {scene.last_contact_at(each) for each in customers}


def test_no_bulk_update(scene: Scene) -> None:
    """If Appwrite rejects the bulk update, customers are updated one by one."""

    def refuse(request: httpx.Request) -> httpx.Response | None:
        if (request.method, request.url.path) != ("PATCH", "/v1" + ROWS.format("customers")):
            return None
        error = {"message": "No", "type": "general_bad_request", "code": 400}
        return httpx.Response(400, json=error)

    scene.watched.instead = refuse
    customers = scene.add_customers(4)
    scene.admin().create_many(calls(4, customers))
    assert None not in [scene.last_contact_at(each) for each in customers]


@pytest.mark.parametrize(
    ("count", "route", "method"),
    [
        (4, "*/customers/rows", "PATCH"),
        (2, "*/customers/rows", "GET"),
        (1, "*/customer_interactions/rows", "GET"),
    ],
    ids=["moving together", "reading customers again", "reading times"],
)
def test_dates_that_are_not_moved(
    scene: Scene, caplog: pytest.LogCaptureFixture, count: int, route: str, method: str
) -> None:
    """If the dates cannot be updated, the drafts succeed and the log suggests `reconcile()`."""
    customers = scene.add_customers(count)
    at = 2 if "customers/" in route and method == "GET" else 1
    settings = scene.settings.model_copy(update={"cache_ttl": 0} if at == 2 else {})
    faulty = FaultyTransport(
        scene.server.transport, Fault.REFUSED, first=at, count=None, method=method, route=route
    )
    drafts = calls(count, customers)
    with caplog.at_level(logging.WARNING):
        client = scene.client(transport=faulty, settings=settings)
        client.as_admin("root").create_many(drafts)
    assert any("crm.customers.reconcile()" in message for message in caplog.messages)
    scene.aside.customers.reconcile()
    assert None not in [scene.last_contact_at(each) for each in customers]


def test_a_server_that_is_gone_is_not_asked_for_each_customer(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """If the server does not respond, the remaining customers are left to `reconcile()`."""
    customers = scene.add_customers(20)
    drafts = calls(20, customers, next_action_date=in_days(1))
    faulty = FaultyTransport(
        scene.server.transport, Fault.REFUSED, count=None, method="PATCH", route="*/customers/*"
    )
    result = scene.admin(transport=faulty).create_many(drafts)
    scene.check_written_once(result, drafts)
    assert len([each for each in faulty.requests if each.fault]) <= 4
    assert "could not update the dates of 19 customers" in caplog.text


def test_a_customer_that_is_gone_stops_nobody(scene: Scene) -> None:
    """The draft of a deleted customer fails and is undone; other customers are updated."""
    scene.add_customers(2)

    def delete(request: httpx.Request) -> None:
        if request.url.path.endswith("/transactions"):
            scene.watched.after = lambda _: None
            call_off = wire.delete_row(scene.aside._services.project.tables.customers, "c0")
            scene.aside._connection.send(call_off)

    scene.watched.after = delete
    result = scene.admin().create_many(calls(2, ["c0", "c1"]))
    assert isinstance(result[0].error, CustomerNotFoundError)
    assert [result.ids[1]] == [row.id for row in scene.rows()]
    assert scene.last_contact_at("c1") is not None


# Scale


class Accepting(httpx.BaseTransport):
    """A transport that accepts everything and stores nothing."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Respond as Appwrite does on success."""
        at = format_datetime(YEAR_2020)
        system = {"$createdAt": at, "$updatedAt": at, "lastContactAt": at}
        if "/transactions" in request.url.path:
            staged = len(json.loads(request.content).get("operations", []))
            answer = {"$id": "t", "status": "pending", "operations": staged}
            return httpx.Response(200, json=answer)
        *_, parent, last = request.url.path.split("/")
        if parent == "rows":
            return httpx.Response(200, json={ID: last, **system, "userId": last})
        queries = [json.loads(text) for text in request.url.params.get_list("queries[]")]
        equal = [each for each in queries if each["method"] == "equal"]
        ids = [row_id for each in equal for row_id in each["values"] if each["attribute"] == "$id"]
        rows = [{ID: row_id, **system, "userId": row_id} for row_id in ids]
        return httpx.Response(200, json={"total": len(rows), "rows": rows})


@pytest.mark.slow
def test_memory_stays_flat() -> None:
    """100,000 drafts need no more memory than 20,000, apart from 36 bytes for each ID."""

    def peak(count: int) -> int:
        client = InteractionsClient(
            "http://embedded/v1",
            "p",
            api_key="k",
            settings=Settings(verify_users=False),
            transport=Accepting(),
            retry=RetryPolicy(retries=0),
        )
        drafts = (call(number, f"c{number % 500}") for number in range(count))
        tracemalloc.start()
        result = client.as_admin("root").create_many(drafts)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (count, 0) == (len(result), len(result.errors))
        return most - 36 * count

    small, large = peak(20_000), peak(100_000)
    assert large < small * 1.5 + 1_000_000
