"""Timelines: their interactions and their HTML."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    OwnershipError,
    wire,
)
from interactions_sdk.datetimes import format_datetime

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


async def write(
    crm: AsyncInteractionsClient, row_id: str, at: datetime = NOON, **columns: object
) -> None:
    """Write a row as another program would."""
    row = {
        "$createdAt": format_datetime(at),
        "customerId": "c1",
        "interactionType": "call",
        "userId": "ada",
        "direction": "outbound",
        **columns,
    }
    await crm._connection.send(
        wire.create_row(crm._services.project.tables.interactions, row_id, row)
    )


async def test_all_kinds_are_in_one_list_newest_first_by_day(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """Days are those of the zone, even on the day of a clock change."""
    await write(acrm, "saturday", datetime(2026, 3, 28, 22, 59, tzinfo=UTC))
    await write(acrm, "first", datetime(2026, 3, 28, 23, 0, tzinfo=UTC), interactionType="note")
    await write(acrm, "last", datetime(2026, 3, 29, 21, 59, tzinfo=UTC), interactionType="email")
    await write(acrm, "monday", datetime(2026, 3, 29, 22, 0, tzinfo=UTC), interactionType="task")

    timeline = await admin.timeline("c1", tz="Europe/Zurich")
    assert [
        (date(2026, 3, 30), ["monday"]),
        (date(2026, 3, 29), ["last", "first"]),
        (date(2026, 3, 28), ["saturday"]),
    ] == [(day.date, [each.id for each in day.interactions]) for day in timeline.days]
    assert ["monday", "last", "first", "saturday"] == [each.id for each in timeline]
    assert (4, False) == (len(timeline), timeline.is_truncated)
    in_utc = await admin.timeline("c1")
    assert [2, 2] == [len(day.interactions) for day in in_utc.days]


async def test_it_is_bounded_and_says_so(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """Only the newest are shown, and the page says that there are more."""
    for number in range(4):
        await write(acrm, f"r{number}", NOON + timedelta(minutes=number))

    cut = await admin.timeline("c1", limit=3)
    assert (["r3", "r2", "r1"], True) == ([each.id for each in cut], cut.is_truncated)
    assert "These are the newest 3." in cut.to_html()
    whole = await admin.timeline("c1", limit=4)
    assert "Older ones were left out" not in whole.to_html()


async def test_it_is_filtered_by_type_user_date_text_and_entity(
    acrm: AsyncInteractionsClient, admin: AsyncInteractionRepository
) -> None:
    """Filters are combined; a related entity finds interactions of any customer."""
    invoice = {"relatedEntityType": "invoice", "relatedEntityId": "I-1"}
    await write(acrm, "a", subject="Offer")
    await write(acrm, "b", NOON + timedelta(days=1), interactionType="note", userId="bob")
    await write(acrm, "c", NOON + timedelta(days=2), customerId="c2", **invoice)

    async def shown(**filters: object) -> list[str]:
        timeline = await admin.timeline(**filters)  # type: ignore[arg-type]
        return [each.id for each in timeline]

    assert ["c", "b", "a"] == await shown()
    assert ["b", "a"] == await shown(customer_id="c1")
    assert ["b"] == await shown(interaction_type=["note", "email"])
    assert ["b"] == await shown(user_id="bob")
    assert ["c", "b"] == await shown(since=NOON + timedelta(days=1))
    assert ["b"] == await shown(since=NOON + timedelta(days=1), until=NOON + timedelta(days=2))
    assert ["a"] == await shown(text="offer")
    assert ["c"] == await shown(related_entity=("invoice", "I-1"))


async def test_a_user_sees_its_own(
    acrm: AsyncInteractionsClient,
    ada: AsyncInteractionRepository,
    bob: AsyncInteractionRepository,
) -> None:
    """A user need not name the customer, and cannot name another one."""
    call = await ada.log_call("Mine")

    assert [call] == list(await ada.timeline())
    assert [] == list(await bob.timeline())
    assert [] == list(await acrm.as_user("nobody").timeline())
    with pytest.raises(OwnershipError):
        await bob.timeline(call.customer_id)


async def test_arguments_that_cannot_be_are_refused_before_anything_is_read(
    admin: AsyncInteractionRepository,
) -> None:
    """An unknown zone, an invalid placeholder and a limit of 0 are rejected."""
    with pytest.raises(BadRequestError, match="time zone"):
        await admin.timeline(tz="Mars/Olympus")
    for wrong in ("https://erp.example/{kind}", "https://erp.example/{}", "{type", "{id.x}"):
        with pytest.raises(BadRequestError, match="entity_url"):
            await admin.timeline(entity_url=wrong)
    with pytest.raises(BadRequestError, match="limit"):
        await admin.timeline(limit=0)


async def test_notebooks_show_it(ada: AsyncInteractionRepository) -> None:
    """Notebooks get a fragment, files a whole page; both are escaped and self-contained."""
    await ada.log_call(
        "<script>alert('x')</script>", related_entity_type="invoice", related_entity_id="I/1"
    )
    timeline = await ada.timeline(entity_url="https://erp.example/{type}/{id}")

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


async def test_customers_go_by_their_names(
    acrm: AsyncInteractionsClient,
    admin: AsyncInteractionRepository,
) -> None:
    """Names are in the heading of one customer, or next to each entry of several, with IDs."""
    for user, name in (("ada", "Ada <b>"), ("bob", None), ("eve", "Eve")):
        customer = await acrm.customers.create(user, id=f"c-{user}", name=name)
        await admin.log_call("Intro", customer_id=customer.id)
    everybody = await admin.timeline()
    assert {"c-ada": "Ada <b>", "c-bob": "bob", "c-eve": "Eve"} == everybody.customer_names
    page = everybody.to_html()
    assert "Timeline" == everybody.title
    for shown in ("Ada &lt;b&gt; (c-ada)", "bob (c-bob)", "Eve (c-eve)"):
        assert shown in page
    one = await acrm.as_user("ada").timeline()
    assert "Timeline of Ada <b>" == one.title
    assert "Timeline of Ada &lt;b&gt;" in one.to_html()
    assert "c-ada" not in one.to_html("Mine")
    assert "<h2>Mine</h2>" in one.to_html("Mine")
    assert "Timeline" == (await acrm.as_user("nobody").timeline()).title
