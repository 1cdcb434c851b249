"""Filters: validation, queries and exact comparison."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, cast

import pytest

from interactions_sdk import CustomerInteraction, InteractionType
from interactions_sdk.filters import RowFilter, parse_filters

if TYPE_CHECKING:
    from interactions_sdk.filters import InteractionFilters

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def interaction(**fields: object) -> CustomerInteraction:
    """Return an interaction with the fields that a test needs."""
    known = {"id": "i1", "created_at": NOON, "updated_at": NOON, "customer_id": "c1"}
    return CustomerInteraction.model_validate(known | fields)


def filters(**given: object) -> RowFilter:
    """Return the filter for these keywords."""
    return parse_filters(cast("InteractionFilters", given))


def test_no_filter_asks_for_everything() -> None:
    """None is the same as no filter."""
    nothing = filters(customer_id=None, text=None, since=None, related_entity=None)
    assert filters() == nothing
    assert [] == nothing.queries()
    assert None is nothing.customer_ids
    assert None is nothing.single_customer
    assert [interaction()] == nothing.filter([interaction()])


def test_scalars_and_sequences_become_one_query() -> None:
    """Duplicate values are removed, and enums become their values."""
    meant = filters(interaction_type=[InteractionType.CALL, "note", "call"])
    query = {"method": "equal", "attribute": "interactionType", "values": ["call", "note"]}
    assert [query] == meant.queries()
    assert meant == filters(interaction_type=("call", "note"))
    assert ["interactionType"] == meant.columns


def test_text_is_looked_for_in_subject_and_description() -> None:
    """Text is searched with `contains`, which needs no index."""
    (query,) = filters(text="offer").queries()
    assert "or" == query["method"]
    assert [
        {"method": "contains", "attribute": column, "values": ["offer"]}
        for column in ("subject", "description")
    ] == query["values"]


def test_times_are_about_the_creation() -> None:
    """`since` is inclusive, `until` is exclusive."""
    meant = filters(since=NOON, until=NOON + timedelta(hours=1))
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
    """IDs match exactly, even if Appwrite considers them equal."""
    assert matches == bool(filters(customer_id=given).filter([interaction()]))


def test_a_related_entity_is_a_type_or_a_type_and_an_id() -> None:
    """Both are compared exactly."""
    invoice = interaction(related_entity_type="invoice", related_entity_id="I-1")
    assert [invoice] == filters(related_entity="invoice").filter([invoice])
    assert [invoice] == filters(related_entity=("invoice", "I-1")).filter([invoice])
    assert [] == filters(related_entity=("invoice", "i-1")).filter([invoice])
    assert [] == filters(related_entity="Invoice").filter([invoice])


def test_a_filter_is_narrowed_to_what_may_be_read() -> None:
    """The readable customers replace the requested ones."""
    asked = filters(customer_id=["c1", "c2"], direction="inbound")
    assert asked is asked.restrict_to(None)
    narrowed = asked.restrict_to(("c1",))
    assert (("c1",), "c1") == (narrowed.customer_ids, narrowed.single_customer)
    assert narrowed == filters(customer_id="c1", direction="inbound")
    assert asked.restrict_to(()).matches_nothing
    assert None is asked.single_customer


def test_only_enum_values_are_exact_on_the_server() -> None:
    """IDs may differ only in case or accents, which the server ignores; enum values do not."""
    assert filters(interaction_type="call", text="x").is_exact_server_side
    assert not filters(user_id="ada").is_exact_server_side
    assert not filters(related_entity="invoice").is_exact_server_side


def test_a_digest_tells_filters_apart() -> None:
    """Equal filters have the same digest, however their times are written."""
    berne = timezone(timedelta(hours=1))
    several = [
        filters(),
        filters(customer_id="c1"),
        filters(user_id="c1"),
        filters(text="c1"),
        filters(since=NOON),
        filters(until=NOON),
    ]
    assert len(several) == len({each.fingerprint() for each in several})
    same = filters(since=NOON.astimezone(berne))
    assert filters(since=NOON).fingerprint() == same.fingerprint()


def test_dates_begin_in_the_zone() -> None:
    """A date is the start of its day in the client's zone."""
    begun = datetime(2026, 4, 30, 22, tzinfo=UTC)
    for since in (date(2026, 5, 1), "2026-05-01", "2026-05-01T00:00+02:00"):
        meant = parse_filters({"since": since}, tz="Europe/Zurich")
        assert meant.since is not None
        assert begun == meant.since.astimezone(UTC)
