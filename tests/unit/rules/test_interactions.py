from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.datetimes import MAX_DATETIME, format_datetime
from interactions_sdk.identifiers import validate_id
from interactions_sdk.models.customer import Customer
from interactions_sdk.models.drafts import InteractionCreate
from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType, Outcome
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.models.metadata import InteractionMetadata
from interactions_sdk.rules.interactions import plan_create, to_row
from interactions_sdk.settings import Settings
from interactions_sdk.wire import Table, create_row

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
CUSTOMER = Customer(id="c1", created_at=NOW, updated_at=NOW, user_id="ada")
TABLE = Table("console-db", "customer_interactions", CustomerInteraction)
NOT_STORED = {"id", "idempotency_key", "occurred_at", "customer_id"}


def texts(most: int, least: int = 0) -> st.SearchStrategy[str]:
    """Return a strategy for texts up to a length that can be sent."""
    return st.text(
        st.characters(codec="utf-8", exclude_characters="\0"), min_size=least, max_size=most
    )


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts(20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(10), inner, max_size=3),
    max_leaves=5,
)
metadata = st.fixed_dictionaries(
    {},
    optional={
        "attachments": st.lists(texts(20), max_size=2),
        "participants": st.lists(texts(20), max_size=2),
        "location": st.none() | texts(20),
        "tags": st.lists(texts(20), max_size=2),
        "customFields": st.dictionaries(texts(10), json_values, max_size=2),
        "emailThreadId": st.none() | texts(20),
        "x-unknown": json_values,
    },
).filter(lambda fields: len(InteractionMetadata.model_validate(fields).to_wire()) <= 5000)
past = st.datetimes(datetime(1900, 1, 1), datetime(2026, 1, 1), timezones=st.timezones())  # noqa: DTZ001 - hypothesis requires naive ones
future = st.datetimes(datetime(2100, 1, 1), datetime(9999, 12, 30), timezones=st.timezones())  # noqa: DTZ001 - the same


@st.composite
def valid_fields(draw: st.DrawFn) -> dict[str, Any]:
    """Return a strategy for the fields of valid drafts."""
    kind = draw(st.sampled_from(InteractionType))
    described = kind in {InteractionType.NOTE, InteractionType.MEETING}
    fields = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "subject": st.none() | texts(200),
                "contact_method": st.none() | st.sampled_from(ContactMethod),
                "direction": st.sampled_from(Direction),
                "duration": st.none() | st.integers(1, 2**63 - 1),
                "outcome": st.none() | st.sampled_from(Outcome),
                "next_action": st.none() | texts(500),
                "next_action_date": st.none() | future,
                "occurred_at": st.none() | past,
                "metadata": st.none() | metadata,
            },
        )
    )
    fields["interaction_type"] = kind
    if described or draw(st.booleans()):
        fields["description"] = draw(texts(200)) + ("x" if described else "")
    if draw(st.booleans()):
        fields["related_entity_type"] = draw(texts(50, least=1))
        fields["related_entity_id"] = draw(texts(128, least=1))
    name = draw(st.sampled_from(["id", "idempotency_key", None]))
    if name is not None:
        fields[name] = draw(st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,35}", fullmatch=True))
    return fields


def in_utc(value: object) -> object:
    """Return a time in UTC, since skipped and repeated times are never equal to others."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


@pytest.mark.unmeasured
@given(valid_fields())
def test_any_valid_draft_survives_the_round_trip(fields: dict[str, Any]) -> None:
    """Every field of a valid draft is unchanged after the request and the response."""
    draft = InteractionCreate.model_validate(fields)

    plan = plan_create(Settings(), draft, customer=CUSTOMER, user_id="ada", now=NOW)
    call = create_row(TABLE, plan.interaction_id, plan.write.columns)
    answer = as_appwrite_keeps(json.loads(call.body or b""))
    interaction = call.read(json.dumps(answer).encode())

    assert validate_id(plan.interaction_id) == interaction.id
    assert {name: in_utc(value) for name, value in draft if name not in NOT_STORED} == {
        name: in_utc(getattr(interaction, name))
        for name in set(type(draft).model_fields) - NOT_STORED
    }
    assert ("c1", "ada", "ada") == (
        interaction.customer_id,
        interaction.user_id,
        interaction.created_by,
    )
    assert in_utc(draft.occurred_at) in {None, interaction.created_at}
    if draft.metadata is not None and interaction.metadata is not None:
        assert draft.metadata.to_wire() == interaction.metadata.to_wire()
    written = {name: value for name, value in plan.write.columns.items() if name != "$permissions"}
    assert written == to_row(interaction)


def as_appwrite_keeps(body: dict[str, Any]) -> dict[str, Any]:
    """Return the row with which a server responds to a create."""
    moment = format_datetime(NOW)
    return {
        "$createdAt": moment,
        "$updatedAt": moment,
        "subject": None,
        **body["data"],
        "$id": body["rowId"],
    }


@given(future)
def test_no_moment_of_a_draft_is_beyond_the_calendar(moment: datetime) -> None:
    """Every date in a draft can be formatted."""
    draft = InteractionCreate(interaction_type=InteractionType.CALL, next_action_date=moment)

    assert draft.next_action_date is not None
    assert draft.next_action_date <= MAX_DATETIME
    assert format_datetime(draft.next_action_date)
