"""The audit log: histories, lists, files, and who may read them."""

from __future__ import annotations

import csv
import inspect
import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    ConfigurationError,
    FileAccessError,
    InteractionNotFoundError,
    Outcome,
    OwnershipError,
    PermissionDeniedError,
    Settings,
)
from interactions_sdk.models.metadata import InteractionMetadata
from tests.hostile_text import CORPUS
from tests.users import AUDIT, CUSTOMERS, ONCE, People

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from interactions_sdk import AuditEntry

pytestmark = pytest.mark.anyio


def steps(entries: Sequence[AuditEntry]) -> list[tuple[str, str]]:
    """Return the user and the action of each entry."""
    return [(entry.user_id, entry.action.removeprefix("interaction.")) for entry in entries]


@pytest.mark.parametrize("consistency", ["atomic", "fast"])
async def test_a_history_tells_every_change(consistency: Any) -> None:
    """The history has who, when, and each field's old and new value, in order."""
    async with AsyncInteractionsClient.embedded(settings=Settings(consistency=consistency)) as crm:
        await crm.customers.ensure("ada")
        ada, root = crm.as_user("ada"), crm.as_admin("root")
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        call = await ada.log_call("Offer", next_action_date=due)
        await root.update(call.id, subject="Renewal", duration=5)
        await ada.follow_ups.snooze(call.id, until=due + timedelta(days=1))
        done = await ada.follow_ups.complete(call.id, note="Signed.")
        await ada.delete(call.id)

        history = await root.history(call.id)

        assert [
            ("ada", "created"),
            ("root", "updated"),
            ("ada", "snoozed"),
            ("ada", "completed"),
            ("ada", "deleted"),
        ] == steps(history)
        assert [entry.created_at for entry in history] == sorted(e.created_at for e in history)
        assert history[3].created_at >= done.updated_at - timedelta(seconds=1)
        assert ["duration: nothing -> 5", "subject: Offer -> Renewal"] == [
            str(change) for change in history[1].changes
        ]
        (moved,) = [each for each in history[2].changes if each.field == "next_action_date"]
        assert (due, due + timedelta(days=1)) == (moved.before, moved.after)
        completed = {change.field: change for change in history[3].changes}
        assert Outcome.RESOLVED is completed["outcome"].after
        assert "Signed." == completed["metadata"].after["customFields"]["followUp"]["note"]
        assert all(entry.is_verified for entry in history)


async def test_a_user_sees_the_history_of_its_own_interactions(
    ada: AsyncInteractionRepository,
    bob: AsyncInteractionRepository,
    admin: AsyncInteractionRepository,
) -> None:
    """Others' attempts, other customers' interactions and deleted ones are not included."""
    call = await ada.log_call("Mine")
    with pytest.raises(OwnershipError):
        await bob.delete(call.id)
    with pytest.raises(OwnershipError):
        await bob.history(call.id)

    assert [("ada", "created")] == steps(await ada.history(call.id))
    assert [("ada", "created"), ("bob", "refused")] == steps(await admin.history(call.id))
    await ada.delete(call.id)
    with pytest.raises(InteractionNotFoundError):
        await ada.history(call.id)


async def test_markers_of_repeats_are_no_history(people: People) -> None:
    """Entries that only this library uses are not in histories, but in `crm.audit`."""
    async with signed_in(people, "ada") as users, with_key(people) as crm:
        call = await users.as_user().log_call("Once", idempotency_key="k")
        history = await crm.as_admin("root").history(call.id)
        assert [("ada", "created")] == steps(history)
        assert ["created", "drafted"] == sorted(
            action for _, action in steps([entry async for entry in crm.audit.find()])
        )


async def test_there_is_no_history_of_what_never_was(admin: AsyncInteractionRepository) -> None:
    """An unknown ID and an invalid one raise errors."""
    with pytest.raises(InteractionNotFoundError):
        await admin.history("unknown")
    with pytest.raises(BadRequestError, match="interaction id"):
        await admin.history("../x")


async def test_an_id_of_the_same_letters_is_another_one(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """IDs that differ only in case are different, although Appwrite's equality matches both."""
    ada = await acrm.customers.ensure("ada")
    await admin.create(interaction_type="call", id="ABC", customer_id=ada.id)
    assert [("root", "created")] == steps(await admin.history("ABC"))
    with pytest.raises(InteractionNotFoundError):
        await admin.history("abc")


async def test_an_interaction_that_others_wrote_has_an_empty_history(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """The history is empty until `reconcile` adds the audit row of the creation."""
    customer = await acrm.customers.get_by_user_id("ada")
    row = {"customerId": customer.id, "interactionType": "call", "userId": "ada"}
    async with acrm.transaction() as transaction:
        transaction.create("customer_interactions", "theirs", row | {"direction": "inbound"})
    assert [] == await ada.history("theirs")
    await acrm.customers.reconcile()
    assert [("ada", "reconciled")] == steps(await ada.history("theirs"))


# lists


@pytest.fixture
async def log(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    bob: AsyncInteractionRepository,
) -> AsyncInteractionsClient:
    """Return a client of a server with a filled audit log."""
    for number, repo in enumerate((ada, bob, ada)):
        call = await repo.log_call(f"Call {number}")
        await repo.update(call.id, outcome="busy")
    await acrm.as_admin("root").delete(await id_of(acrm, 0))
    return acrm


async def id_of(crm: AsyncInteractionsClient, number: int) -> str:
    """Return the ID of a call by its position."""
    created = [entry async for entry in crm.audit.iterate(action="interaction.created")]
    return created[-1 - number].entity_id


ALL = [
    ("root", "deleted"),
    ("ada", "updated"),
    ("ada", "created"),
    ("bob", "updated"),
    ("bob", "created"),
    ("ada", "updated"),
    ("ada", "created"),
]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ALL),
        ({"newest_first": False}, ALL[::-1]),
        ({"entity": [1]}, ALL[3:5]),
        ({"entity": [0, 1]}, [ALL[0], *ALL[3:]]),
        ({"actor": "bob"}, ALL[3:5]),
        ({"actor": "BOB"}, []),
        ({"actor": []}, []),
        ({"actor": ("bob", "root"), "action": "interaction.deleted"}, ALL[:1]),
        ({"action": ["interaction.created"]}, [ALL[2], ALL[4], ALL[6]]),
        ({"since": datetime.now(UTC) + timedelta(days=1)}, []),
        ({"until": "2026-01-01"}, []),
        ({"since": date(2026, 1, 1), "entity": [2]}, ALL[1:3]),
    ],
)
async def test_entries_are_found(
    log: AsyncInteractionsClient, filters: Any, expected: list[tuple[str, str]]
) -> None:
    """Filters match exactly, in pages of any size and one by one."""
    if "entity" in filters:
        filters = filters | {"entity": [await id_of(log, each) for each in filters["entity"]]}
    for limit in (1, 2, 3, 50):
        assert expected == steps([entry async for entry in log.audit.find(limit=limit, **filters)])
    assert expected == steps([entry async for entry in log.audit.iterate(**filters)])
    page = await log.audit.find(limit=2, **filters)
    assert expected[:2] == steps(page.items)


async def test_entries_of_one_customer_are_found(log: AsyncInteractionsClient) -> None:
    """The `customer` filter takes the customer's ID."""
    bob = await log.customers.get_by_user_id("bob")
    assert ALL[3:5] == steps([entry async for entry in log.audit.iterate(customer=bob.id)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"limit": 0}, "limit must be an integer from 1 to 5000"),
        ({"actr": "ada"}, "Did you mean 'actor'"),
        ({"actor": ""}, "user_id|actor"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-05-02", "until": "2026-05-01"}, "since must not be later"),
        ({"after": "x"}, "next_cursor"),
    ],
)
async def test_wrong_arguments_are_told(
    acrm: AsyncInteractionsClient, arguments: Any, message: str
) -> None:
    """Invalid arguments raise a `BadRequestError`."""
    with pytest.raises(BadRequestError, match=message):
        await acrm.audit.find(**arguments)


async def test_a_cursor_belongs_to_its_list(log: AsyncInteractionsClient) -> None:
    """A cursor is rejected by another list, including a list of interactions."""
    page = await log.audit.find(limit=1)
    for other in ({"actor": "bob"}, {"newest_first": False}):
        with pytest.raises(BadRequestError, match="other filters"):
            await log.audit.find(after=page.next_cursor, **other)
    with pytest.raises(BadRequestError, match="other filters"):
        await log.as_admin("root").find(after=page.next_cursor)


async def test_without_an_audit_log_there_is_none_to_read() -> None:
    """The error names the setting."""
    async with AsyncInteractionsClient.embedded(settings=Settings(audit_table=None)) as crm:
        await crm.customers.ensure("ada")
        call = await crm.as_user("ada").log_call("Intro")
        with pytest.raises(ConfigurationError, match=r"Settings\.audit_table is None"):
            await crm.as_user("ada").history(call.id)
        with pytest.raises(ConfigurationError, match=r"Settings\.audit_table is None"):
            await crm.audit.find()


# files


async def test_an_auditor_gets_a_table(log: AsyncInteractionsClient, tmp_path: Path) -> None:
    """The CSV file has one line for each change, and one for an entry without changes."""
    path, told = tmp_path / "audit.csv", list[int]()
    assert 7 == await log.audit.export_csv(path, on_progress=told.append)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert ([7], 7) == (told, len(lines))
    assert [
        "created_at",
        "action",
        "user_id",
        "entity_id",
        "customer_id",
        "field",
        "before",
        "after",
    ] == (list(lines[0])[:8])
    assert ("", "", "") == (lines[0]["field"], lines[0]["before"], lines[0]["values"])
    assert ("outcome", "", "busy", "complete", "true") == tuple(
        lines[1][name] for name in ("field", "before", "after", "values", "is_verified")
    )


async def test_programs_get_objects(log: AsyncInteractionsClient, tmp_path: Path) -> None:
    """The JSON Lines file has one object for each entry, with its changes."""
    path = tmp_path / "audit.jsonl"
    assert 2 == await log.audit.export_jsonl(path, actor="bob", newest_first=True)
    first, second = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert ("interaction.updated", "interaction.created") == (first["action"], second["action"])
    assert [{"field": "outcome", "before": None, "after": "busy", "values": "complete"}] == (
        first["changes"]
    )
    assert first["is_verified"] is True
    with pytest.raises(FileAccessError):
        await log.audit.export_csv(tmp_path)


async def test_no_formula_gets_into_a_spreadsheet(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """Formulas in texts are escaped."""
    call = await ada.log_call("Intro")
    for text in [*(each for each in CORPUS if "\0" not in each), "=1+1"]:
        await ada.update(
            call.id,
            next_action=text[:500],
            metadata=InteractionMetadata(location=text),
        )
    path = tmp_path / "audit.csv"
    await acrm.audit.export_csv(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]


# authenticated users


@pytest.fixture
def people() -> Iterator[People]:
    """Return a server on which users can sign in, with one customer."""
    people = People.start()
    with people.server:
        readers = {"permissions": ['read("user:ada")']}
        row = {"rowId": "c-ada", "data": {"userId": "ada"}, **readers}
        people.key("POST", CUSTOMERS, row)
        yield people


def signed_in(people: People, user_id: str) -> AsyncInteractionsClient:
    """Return a client of a user."""
    return AsyncInteractionsClient(
        "http://embedded/v1",
        people.server.project,
        jwt=people.jwt(user_id),
        transport=people.server.transport,
        retry=ONCE,
    )


def with_key(people: People) -> AsyncInteractionsClient:
    """Return a client with the API key."""
    return AsyncInteractionsClient(
        "http://embedded/v1",
        people.server.project,
        api_key=people.server.api_key,
        transport=people.server.transport,
        settings=Settings(user_sessions=True),
        retry=ONCE,
    )


async def test_users_cannot_read_the_log_themselves(people: People) -> None:
    """Only admins can read the log, with a key or signed in."""
    async with signed_in(people, "ada") as users, signed_in(people, "root") as admins:
        call = await users.as_user().log_call("Intro")
        with pytest.raises(ConfigurationError, match="users cannot read the audit log"):
            await users.as_user().history(call.id)
        with pytest.raises(PermissionDeniedError):
            await users.audit.find()
        assert [("ada", "created")] == steps(await admins.as_admin().history(call.id))
        assert [("ada", "created")] == steps((await admins.audit.find()).items)


async def test_nothing_vouches_for_entries_where_users_write_some(people: People) -> None:
    """Ada's forged entry looks exactly like one written with a key."""
    async with signed_in(people, "ada") as users, with_key(people) as crm:
        call = await users.as_user().log_call("Intro")
        forged = {
            "action": "interaction.deleted",
            "userId": "root",
            "entityId": call.id,
            "customerId": "c-ada",
        }
        body = {"rowId": "forged", "data": forged, "permissions": []}
        assert 201 == people.as_user("ada", "POST", AUDIT, body).status_code
        history = await crm.as_admin("root").history(call.id)
        assert [("ada", "created", False), ("root", "deleted", False)] == [
            (*step, entry.is_verified) for step, entry in zip(steps(history), history, strict=True)
        ]
        assert [False, False] == [entry.is_verified for entry in await read_all(crm)]


async def read_all(crm: AsyncInteractionsClient) -> list[AuditEntry]:
    """Return the whole log."""
    return [entry async for entry in crm.audit.iterate()]


async def test_an_entry_with_permissions_is_not_this_library_s(
    acrm: AsyncInteractionsClient, ada: AsyncInteractionRepository
) -> None:
    """An entry with permissions is always marked, because Appwrite gives them to users' rows."""
    call = await ada.log_call("Intro")
    row = {"action": "interaction.updated", "userId": "root", "entityId": call.id}
    async with acrm.transaction() as transaction:
        transaction.create("audit_logs", "x", row | {"$permissions": ['read("user:eve")']})
    assert [True, False] == [entry.is_verified for entry in await ada.history(call.id)]


# privacy


@pytest.mark.parametrize("mode", ["delete", "redact"])
async def test_an_erasure_takes_the_texts_out_of_the_log(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    bob: AsyncInteractionRepository,
    admin: AsyncInteractionRepository,
    mode: Any,
) -> None:
    """The texts of an erased customer are removed; actions, users, times and outcomes stay."""
    calls = [await repo.log_call("secret-1") for repo in (ada, bob)]
    for repo, call in zip((ada, bob), calls, strict=True):
        await repo.update(call.id, subject="secret-2", outcome="busy")
    await admin.erase_customer(calls[0].customer_id, mode=mode)

    text = {entry.entity_id: "" for entry in await read_all(acrm)}
    for entry in await read_all(acrm):
        text[entry.entity_id] += entry.details or ""
    assert "secret" not in text[calls[0].id]
    assert "secret-1" in text[calls[1].id]
    history = await admin.history(calls[0].id)
    assert ["created", "updated", "erased" if mode == "delete" else "redacted"] == [
        action for _, action in steps(history)
    ]
    assert [("outcome", "complete", Outcome.BUSY), ("subject", "missing", None)] == [
        (each.field, each.values, each.after) for each in history[1].changes
    ]


async def test_without_an_audit_log_an_erasure_has_no_texts_to_take_out() -> None:
    """An erasure works without an audit log."""
    async with AsyncInteractionsClient.embedded(settings=Settings(audit_table=None)) as crm:
        await crm.customers.ensure("ada")
        call = await crm.as_user("ada").log_call("Intro")
        result = await crm.as_admin("root").erase_customer(call.customer_id)
        assert (1, True) == (result.interactions, result.customer)


async def test_texts_can_be_kept_out_of_the_log() -> None:
    """With the setting, the history only names the fields that changed."""
    async with AsyncInteractionsClient.embedded(settings=Settings(audit_text=False)) as crm:
        await crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        call = await ada.log_call("secret")
        await ada.update(call.id, subject="New", outcome="busy")
        created, updated = await ada.history(call.id)
        assert () == created.changes
        assert ["complete", "missing"] == [change.values for change in updated.changes]
        assert "secret" not in str(updated.details)


@pytest.mark.parametrize("method", ["find", "iterate", "export_csv", "export_jsonl"])
async def test_filters_are_part_of_the_signature(
    acrm: AsyncInteractionsClient, method: str
) -> None:
    """`help()` and editors show exactly the filters."""
    parameters = inspect.signature(getattr(acrm.audit, method)).parameters
    assert {"entity", "customer", "actor", "action", "since", "until"} <= set(parameters)
    assert ["export_csv", "export_jsonl", "find", "iterate"] == [
        name for name in dir(acrm.audit) if not name.startswith("_")
    ]
