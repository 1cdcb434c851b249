"""Filters: what a user types, as queries and to the letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from interactions_sdk import CustomerInteraction, InteractionType
from interactions_sdk.errors import BadRequestError
from interactions_sdk.filters import parse_filters

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def interaction(**fields: object) -> CustomerInteraction:
    """Return an interaction with what matters in a test."""
    known = {"id": "i1", "created_at": NOON, "updated_at": NOON, "customer_id": "c1"}
    return CustomerInteraction.model_validate(known | fields)


def test_no_filter_asks_for_everything() -> None:
    """None is the same as leaving a filter out."""
    nothing = parse_filters(customer_id=None, text=None, since=None, related_entity=None)
    assert parse_filters() == nothing
    assert [] == nothing.queries()
    assert None is nothing.customer_ids
    assert None is nothing.single_customer
    assert [interaction()] == nothing.filter([interaction()])


def test_scalars_and_sequences_become_one_query() -> None:
    """Values are given once each, in order, enums as their values."""
    meant = parse_filters(interaction_type=[InteractionType.CALL, "note", "call"])
    query = {"method": "equal", "attribute": "interactionType", "values": ["call", "note"]}
    assert [query] == meant.queries()
    assert meant == parse_filters(interaction_type=("call", "note"))
    assert ["interactionType"] == meant.columns


def test_text_is_looked_for_in_subject_and_description() -> None:
    """By `contains`, which needs no index."""
    (query,) = parse_filters(text="offer").queries()
    assert "or" == query["method"]
    assert [
        {"method": "contains", "attribute": column, "values": ["offer"]}
        for column in ("subject", "description")
    ] == query["values"]


def test_times_are_about_the_creation() -> None:
    """Inclusive and exclusive."""
    meant = parse_filters(since=NOON, until=NOON + timedelta(hours=1))
    assert [
        {
            "method": "greaterThanEqual",
            "attribute": "$createdAt",
            "values": ["2026-03-10T12:00:00.000+00:00"],
        },
        {
            "method": "lessThan",
            "attribute": "$createdAt",
            "values": ["2026-03-10T13:00:00.000+00:00"],
        },
    ] == meant.queries()


@pytest.mark.parametrize(
    ("given", "matches"),
    [("c1", True), ("C1", False), ("ç1", False), ("c1 ", False), (["c2", "c1"], True)],
)
def test_ids_match_to_the_letter(given: str | list[str], *, matches: bool) -> None:
    """Whatever Appwrite takes for equal."""
    assert matches == bool(parse_filters(customer_id=given).filter([interaction()]))


def test_a_related_entity_is_a_type_or_a_type_and_an_id() -> None:
    """Both are compared to the letter."""
    invoice = interaction(related_entity_type="invoice", related_entity_id="I-1")
    assert [invoice] == parse_filters(related_entity="invoice").filter([invoice])
    assert [invoice] == parse_filters(related_entity=("invoice", "I-1")).filter([invoice])
    assert [] == parse_filters(related_entity=("invoice", "i-1")).filter([invoice])
    assert [] == parse_filters(related_entity="Invoice").filter([invoice])


def test_a_filter_is_narrowed_to_what_may_be_read() -> None:
    """The customers that were asked for make way for those that may be read."""
    asked = parse_filters(customer_id=["c1", "c2"], direction="inbound")
    assert asked is asked.restrict_to(None)
    narrowed = asked.restrict_to(("c1",))
    assert (("c1",), "c1") == (narrowed.customer_ids, narrowed.single_customer)
    assert narrowed == parse_filters(customer_id="c1", direction="inbound")
    assert asked.restrict_to(()).matches_nothing
    assert None is asked.single_customer


def test_only_enum_values_are_exact_on_the_server() -> None:
    """They differ by more than case and accents; ids may not."""
    assert parse_filters(interaction_type="call", text="x").is_exact_server_side
    assert not parse_filters(outcome=["busy", "BUSY"]).is_exact_server_side
    assert not parse_filters(user_id="ada").is_exact_server_side
    assert not parse_filters(related_entity="invoice").is_exact_server_side


def test_a_digest_tells_filters_apart() -> None:
    """One filter has one digest, however its times are written; others have another."""
    berne = timezone(timedelta(hours=1))
    filters = [
        parse_filters(),
        parse_filters(customer_id="c1"),
        parse_filters(user_id="c1"),
        parse_filters(text="c1"),
        parse_filters(since=NOON),
        parse_filters(until=NOON),
    ]
    assert len(filters) == len({each.fingerprint() for each in filters})
    same = parse_filters(since=NOON.astimezone(berne))
    assert parse_filters(since=NOON).fingerprint() == same.fingerprint()


def test_what_cannot_be_meant_is_refused() -> None:
    """A misspelt filter would find everything."""
    with pytest.raises(TypeError, match="no filter type; there are customer_id"):
        parse_filters(type="call")  # type: ignore[call-arg]
    with pytest.raises(BadRequestError, match="since needs a time zone"):
        parse_filters(since=NOON.replace(tzinfo=None))
    with pytest.raises(BadRequestError, match="text is empty"):
        parse_filters(text="")
    with pytest.raises(BadRequestError, match="related_entity"):
        parse_filters(related_entity=("invoice", "I-1", "x"))  # type: ignore[arg-type]
    with pytest.raises(BadRequestError, match="related_entity"):
        parse_filters(related_entity=())  # type: ignore[arg-type]
    with pytest.raises(BadRequestError, match="related_entity"):
        parse_filters(related_entity=("invoice", None))  # type: ignore[arg-type]
    with pytest.raises(BadRequestError, match="related_entity"):
        parse_filters(related_entity="")
