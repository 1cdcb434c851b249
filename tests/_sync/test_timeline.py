# Generated from tests/_async/test_timeline.py by scripts/unasync.py; do not edit.
"""Timelines: their interactions and their HTML."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from interactions_sdk import (
    BadRequestError,
    InteractionRepository,
    InteractionsClient,
    OwnershipError,
    wire,
)
from interactions_sdk.datetimes import format_datetime

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def write(crm: InteractionsClient, row_id: str, at: datetime = NOON, **columns: object) -> None:
    """Write a row as another program would."""
    row = {
        "$createdAt": format_datetime(at),
        "customerId": "c1",
        "interactionType": "call",
        "userId": "ada",
        "direction": "outbound",
        **columns,
    }
    crm._connection.send(wire.create_row(crm._services.project.tables.interactions, row_id, row))


def test_all_kinds_are_in_one_list_newest_first_by_day(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """Days are those of the zone, even on the day of a clock change."""
    write(crm, "saturday", datetime(2026, 3, 28, 22, 59, tzinfo=UTC))
    write(crm, "first", datetime(2026, 3, 28, 23, 0, tzinfo=UTC), interactionType="note")
    write(crm, "last", datetime(2026, 3, 29, 21, 59, tzinfo=UTC), interactionType="email")
    write(crm, "monday", datetime(2026, 3, 29, 22, 0, tzinfo=UTC), interactionType="task")

    timeline = admin.timeline("c1", tz="Europe/Zurich")
    assert [
        (date(2026, 3, 30), ["monday"]),
        (date(2026, 3, 29), ["last", "first"]),
        (date(2026, 3, 28), ["saturday"]),
    ] == [(day.date, [each.id for each in day.interactions]) for day in timeline.days]
    assert ["monday", "last", "first", "saturday"] == [each.id for each in timeline]
    assert (4, False) == (len(timeline), timeline.is_truncated)
    in_utc = admin.timeline("c1")
    assert [2, 2] == [len(day.interactions) for day in in_utc.days]


def test_it_is_bounded_and_says_so(crm: InteractionsClient, admin: InteractionRepository) -> None:
    """Only the newest are shown, and the page says that there are more."""
    for number in range(4):
        write(crm, f"r{number}", NOON + timedelta(minutes=number))

    cut = admin.timeline("c1", limit=3)
    assert (["r3", "r2", "r1"], True) == ([each.id for each in cut], cut.is_truncated)
    assert "These are the newest 3." in cut.to_html()
    whole = admin.timeline("c1", limit=4)
    assert "Older ones were left out" not in whole.to_html()


def test_it_is_filtered_by_type_user_date_text_and_entity(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """Filters are combined; a related entity finds interactions of any customer."""
    invoice = {"relatedEntityType": "invoice", "relatedEntityId": "I-1"}
    write(crm, "a", subject="Offer")
    write(crm, "b", NOON + timedelta(days=1), interactionType="note", userId="bob")
    write(crm, "c", NOON + timedelta(days=2), customerId="c2", **invoice)

    def shown(**filters: object) -> list[str]:
        timeline = admin.timeline(**filters)  # type: ignore[arg-type]
        return [each.id for each in timeline]

    assert ["c", "b", "a"] == shown()
    assert ["b", "a"] == shown(customer_id="c1")
    assert ["b"] == shown(interaction_type=["note", "email"])
    assert ["b"] == shown(user_id="bob")
    assert ["c", "b"] == shown(since=NOON + timedelta(days=1))
    assert ["b"] == shown(since=NOON + timedelta(days=1), until=NOON + timedelta(days=2))
    assert ["a"] == shown(text="offer")
    assert ["c"] == shown(related_entity=("invoice", "I-1"))


def test_a_user_sees_its_own(
    crm: InteractionsClient,
    ada: InteractionRepository,
    bob: InteractionRepository,
) -> None:
    """A user need not name the customer, and cannot name another one."""
    call = ada.log_call("Mine")

    assert [call] == list(ada.timeline())
    assert [] == list(bob.timeline())
    assert [] == list(crm.as_user("nobody").timeline())
    with pytest.raises(OwnershipError):
        bob.timeline(call.customer_id)


def test_arguments_that_cannot_be_are_refused_before_anything_is_read(
    admin: InteractionRepository,
) -> None:
    """An unknown zone, an invalid placeholder and a limit of 0 are rejected."""
    with pytest.raises(BadRequestError, match="time zone"):
        admin.timeline(tz="Mars/Olympus")
    for wrong in ("https://erp.example/{kind}", "https://erp.example/{}", "{type", "{id.x}"):
        with pytest.raises(BadRequestError, match="entity_url"):
            admin.timeline(entity_url=wrong)
    with pytest.raises(BadRequestError, match="limit"):
        admin.timeline(limit=0)


def test_notebooks_show_it(ada: InteractionRepository) -> None:
    """Notebooks get a fragment, files a whole page; both are escaped and self-contained."""
    ada.log_call(
        "<script>alert('x')</script>", related_entity_type="invoice", related_entity_id="I/1"
    )
    timeline = ada.timeline(entity_url="https://erp.example/{type}/{id}")

    piece, page = timeline._repr_html_(), timeline.to_html("A & B")
    assert piece.startswith("<section")
    assert page.startswith("<!doctype html>")
    assert "<title>A &amp; B</title>" in page
    for html in (piece, page):
        assert "<script" not in html
        assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in html
        assert 'href="https://erp.example/invoice/I%2F1"' in html
        assert "src=" not in html
    assert "<Timeline of 1 interactions, UTC>" == repr(timeline)


def test_customers_go_by_their_names(
    crm: InteractionsClient,
    admin: InteractionRepository,
) -> None:
    """Names are in the heading of one customer, or next to each entry of several, with IDs."""
    for user, name in (("ada", "Ada <b>"), ("bob", None), ("eve", "Eve")):
        customer = crm.customers.create(user, id=f"c-{user}", name=name)
        admin.log_call("Intro", customer_id=customer.id)
    everybody = admin.timeline()
    assert {"c-ada": "Ada <b>", "c-bob": "bob", "c-eve": "Eve"} == everybody.customer_names
    page = everybody.to_html()
    assert "Timeline" == everybody.title
    for shown in ("Ada &lt;b&gt; (c-ada)", "bob (c-bob)", "Eve (c-eve)"):
        assert shown in page
    one = crm.as_user("ada").timeline()
    assert "Timeline of Ada <b>" == one.title
    assert "Timeline of Ada &lt;b&gt;" in one.to_html()
    assert "c-ada" not in one.to_html("Mine")
    assert "<h2>Mine</h2>" in one.to_html("Mine")
    assert "Timeline" == (crm.as_user("nobody").timeline()).title
