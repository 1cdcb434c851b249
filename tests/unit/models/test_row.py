from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from interactions_sdk.models.audit import AuditEntry
from interactions_sdk.models.customer import Customer
from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType, Outcome
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.models.row import Row, column_name
from interactions_sdk.wire import Table

STORED: dict[str, Any] = {
    "$id": "i1",
    "$sequence": "7",
    "$createdAt": "2026-05-01T10:00:00.123+00:00",
    "$updatedAt": "2026-05-01T11:00:00.000+00:00",
    "$permissions": ['read("user:ada")'],
    "$tableId": "customer_interactions",
    "$databaseId": "console-db",
    "customerId": "c1",
    "interactionType": "call",
    "subject": "Intro",
    "description": "Spoke at length",
    "userId": "ada",
    "contactMethod": "phone",
    "direction": "inbound",
    "duration": 12,
    "outcome": "voicemail",
    "nextAction": "Call again",
    "nextActionDate": "2026-06-01T10:00:00.000+00:00",
    "relatedEntityType": "invoice",
    "relatedEntityId": "inv-1",
    "metadata": '{"tags":["vip"]}',
    "createdBy": "root",
}
COLUMNS = [name for name in STORED if not name.startswith("$")]
TABLE = Table("console-db", "customer_interactions", CustomerInteraction)
CUSTOMERS = Table("console-db", "customers", Customer)


def read(row: dict[str, Any]) -> CustomerInteraction:
    """Read one row from bytes, as a client does."""
    return TABLE.read_row(json.dumps(row).encode())


def read_customer(**columns: Any) -> Customer:
    """Read a row of customers, as a client does."""
    row = {name: value for name, value in STORED.items() if name.startswith("$")} | columns
    return CUSTOMERS.read_row(json.dumps(row).encode())


def test_a_whole_row() -> None:
    """Each column has a field with Python's name and type."""
    interaction = read(STORED)

    assert {
        "id": "i1",
        "created_at": datetime(2026, 5, 1, 10, 0, 0, 123_000, UTC),
        "updated_at": datetime(2026, 5, 1, 11, tzinfo=UTC),
        "permissions": ['read("user:ada")'],
        "customer_id": "c1",
        "interaction_type": InteractionType.CALL,
        "subject": "Intro",
        "description": "Spoke at length",
        "user_id": "ada",
        "contact_method": ContactMethod.PHONE,
        "direction": Direction.INBOUND,
        "duration": 12,
        "outcome": Outcome.VOICEMAIL,
        "next_action": "Call again",
        "next_action_date": datetime(2026, 6, 1, 10, tzinfo=UTC),
        "related_entity_type": "invoice",
        "related_entity_id": "inv-1",
        "metadata": interaction.metadata,
        "created_by": "root",
    } == dict(interaction)
    assert interaction.metadata is not None
    assert ["vip"] == interaction.metadata.tags
    assert isinstance(interaction.interaction_type, InteractionType)


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("id", "$id"),
        ("created_at", "$createdAt"),
        ("updated_at", "$updatedAt"),
        ("permissions", "$permissions"),
        ("customer_id", "customerId"),
        ("related_entity_type", "relatedEntityType"),
        ("subject", "subject"),
    ],
)
def test_columns_have_the_document_s_names(field: str, column: str) -> None:
    """System columns have Appwrite's dollar sign."""
    assert column == column_name(field)


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("interactionType", "interaction_type"),
        ("contactMethod", "contact_method"),
        ("direction", "direction"),
        ("outcome", "outcome"),
    ],
)
def test_an_unknown_value_stays_a_string(column: str, field: str) -> None:
    """Unknown values of newer versions or other programs are kept as strings."""
    interaction = read(STORED | {column: "carrier_pigeon"})

    assert "carrier_pigeon" == getattr(interaction, field)
    assert str is type(getattr(interaction, field))
    assert interaction == CustomerInteraction.model_validate_json(interaction.model_dump_json())


@pytest.mark.parametrize("wrong", [None, 5, 5.5, True, [], {}, "2026-13-41", ""], ids=repr)
@pytest.mark.parametrize("column", COLUMNS)
def test_nothing_in_a_column_breaks_a_row(column: str, wrong: object) -> None:
    """Null or a wrong type in a column results in the field's default."""
    interaction = read(STORED | {column: wrong})

    assert "i1" == interaction.id
    others = {"subject", "duration"} - {column}
    assert {name: STORED[name] for name in others} == {
        name: getattr(interaction, name) for name in others
    }


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_may_be_missing(column: str) -> None:
    """Older tables and `select` return fewer columns."""
    row = {name: value for name, value in STORED.items() if name != column}

    assert "i1" == read(row).id


def test_what_stands_for_what_is_missing() -> None:
    """Missing texts are empty, the direction is outbound, and everything else is None."""
    interaction = read({name: value for name, value in STORED.items() if name.startswith("$")})

    assert ("", "", "") == (
        interaction.customer_id,
        interaction.user_id,
        interaction.interaction_type,
    )
    assert Direction.OUTBOUND is interaction.direction
    empty = {name for name, value in interaction if value is None}
    assert empty == {
        "subject",
        "description",
        "contact_method",
        "duration",
        "outcome",
        "next_action",
        "next_action_date",
        "related_entity_type",
        "related_entity_id",
        "metadata",
        "created_by",
    }


@pytest.mark.parametrize("column", ["$id", "$createdAt", "$updatedAt"])
def test_what_every_row_has_must_be_there(column: str) -> None:
    """A row without system columns raises an error."""
    with pytest.raises(ValidationError):
        read({name: value for name, value in STORED.items() if name != column})


@pytest.mark.parametrize(
    "broken",
    [
        {"interactionType": "carrier_pigeon", "direction": "sideways"},
        {"metadata": "not JSON"},
        {"metadata": "[]"},
        {"metadata": '{"tags":5}'},
        {"nextActionDate": "whenever", "duration": "long", "customerId": None},
    ],
    ids=repr,
)
def test_a_broken_row_does_not_break_its_page(broken: dict[str, Any]) -> None:
    """Other rows of the page are read normally, and so are the other columns of the row."""
    rows = [STORED, STORED | broken | {"$id": "i2"}, STORED | {"$id": "i3"}]

    page = TABLE.read_rows(json.dumps({"total": 3, "rows": rows}).encode())

    assert 3 == page.total
    assert ["i1", "i2", "i3"] == [interaction.id for interaction in page.rows]
    assert read(STORED) == page.rows[0]
    assert read(STORED | {"$id": "i3"}) == page.rows[2]
    assert "Intro" == page.rows[1].subject
    text = broken.get("metadata")
    if text:
        assert page.rows[1].metadata is not None
        assert text == page.rows[1].metadata.to_wire()


@pytest.mark.unmeasured
@given(
    st.dictionaries(st.sampled_from(COLUMNS), st.none() | st.integers() | st.text() | st.booleans())
)
def test_no_row_breaks(columns: dict[str, Any]) -> None:
    """A row can be read whatever its columns contain."""
    assert "i1" == read(STORED | columns).id


def test_rows_are_values() -> None:
    """Rows are frozen, equal and hashable by value, and can be pickled and copied."""
    interaction = read(STORED | {"metadata": "broken"})

    with pytest.raises(ValidationError, match="frozen"):
        interaction.subject = "x"
    assert {interaction} == {read(STORED | {"metadata": "broken"})}
    assert interaction != read(STORED)
    assert hash(interaction) != hash(read(STORED | {"$updatedAt": STORED["$createdAt"]}))
    for other in (
        pickle.loads(pickle.dumps(interaction)),  # noqa: S301 - our own bytes
        copy.copy(interaction),
        copy.deepcopy(interaction),
    ):
        assert interaction == other
        assert hash(interaction) == hash(other)
        assert other.metadata is not None
        assert "broken" == other.metadata.to_wire()


def test_rows_are_made_by_python_s_names_as_well() -> None:
    """Users' tests can create rows with Python's names."""
    moment = datetime(2026, 5, 1, tzinfo=timezone(timedelta(hours=1)))

    made = CustomerInteraction(id="i1", created_at=moment, updated_at=moment, customer_id="c1")

    assert ("c1", []) == (made.customer_id, made.permissions)


@pytest.mark.parametrize(
    ("date", "outcome", "expected"),
    [
        ("2026-06-01T10:00:00.000+00:00", None, True),
        ("2026-06-01T10:00:00.000+00:00", "cancelled", True),
        ("2026-06-01T10:00:00.000+00:00", "from_tomorrow", True),
        ("2026-06-01T10:00:00.000+00:00", "resolved", False),
        (None, "follow_up_required", False),
        (None, None, False),
    ],
)
def test_open_follow_ups(*, date: str | None, outcome: str | None, expected: bool) -> None:
    """A follow-up is open if it has a date and its outcome is not `resolved`."""
    interaction = read(STORED | {"nextActionDate": date, "outcome": outcome})

    assert expected == interaction.is_open_follow_up


def test_a_customer_keeps_its_other_columns() -> None:
    """Columns that the library does not use are kept."""
    customer = read_customer(
        userId="ada",
        lastContactAt="2026-05-01T10:00:00.000+00:00",
        nextFollowUpAt=None,
        name="Ada",
        email=5,
        address={"city": "London"},
        colour="red",
    )

    assert "ada" == customer.user_id
    assert datetime(2026, 5, 1, 10, tzinfo=UTC) == customer.last_contact_at
    assert customer.next_follow_up_at is None
    assert customer.model_extra is not None
    assert ("Ada", None, None) == (customer.name, customer.email, customer.phone)
    assert ("red", {"city": "London"}) == (
        customer.model_extra["colour"],
        customer.model_extra["address"],
    )


@pytest.mark.parametrize("broken", [{}, {"userId": None}, {"userId": 5}, {"lastContactAt": "x"}])
def test_a_broken_customer_is_read(broken: dict[str, Any]) -> None:
    """Invalid columns result in no user and no dates."""
    customer = read_customer(**broken)

    assert ("", None, None) == (
        customer.user_id,
        customer.last_contact_at,
        customer.next_follow_up_at,
    )


def test_a_column_of_python_s_name_is_a_stranger() -> None:
    """A column named `user_id` or `id` does not replace the row's own fields."""
    customer = read_customer(user_id="mallory", id="7", created_at="1999", last_contact_at="1999")

    assert "" == customer.user_id
    assert "i1" == customer.id
    assert 2026 == customer.created_at.year
    assert customer.last_contact_at is None


def test_an_audit_entry() -> None:
    """Entries are read with all columns, or with only the required ones."""
    system = {name: value for name, value in STORED.items() if name.startswith("$")}
    columns = {
        "action": "interaction.created",
        "userId": "ada",
        "entityId": "i1",
        "customerId": "c1",
        "fingerprint": "f",
        "details": "{}",
    }

    entry = AuditEntry.model_validate(system | columns)
    bare = AuditEntry.model_validate(system | dict.fromkeys(columns))

    assert list(columns.values()) == [
        entry.action,
        entry.user_id,
        entry.entity_id,
        entry.customer_id,
        entry.fingerprint,
        entry.details,
    ]
    assert ("", "", "", None) == (bare.action, bare.user_id, bare.entity_id, bare.details)


def test_rows_of_two_kinds_are_not_the_same() -> None:
    """A customer and an interaction with the same ID are not equal."""
    row = Row.model_validate(STORED)

    assert row != read(STORED)
    assert hash(row) != hash(read(STORED))
