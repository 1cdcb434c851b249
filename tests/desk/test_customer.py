"""A customer's page: the timeline, its filters, and the form for new entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import ContactMethod, Direction, InteractionType, Outcome
from interactions_sdk.desk import Admin, User

if TYPE_CHECKING:
    from tests.desk.conftest import Office
    from tests.desk.pages import Form, Page, Surfer

pytestmark = pytest.mark.anyio


async def _form(office: Office, surfer: Surfer) -> tuple[Page, Form]:
    page = await surfer.open(f"/customers/{office.ada.id}")
    return page, page.form("/interactions")


@pytest.mark.parametrize("kind", ["call", "email", "meeting", "note", "task"])
@pytest.mark.parametrize("person", ["root", "user"])
async def test_each_type_is_logged_in_one_form(
    office: Office, person: str, kind: str, request: pytest.FixtureRequest
) -> None:
    """A new entry appears in the timeline, with the signed-in user as its author."""
    surfer: Surfer = request.getfixturevalue(person)
    page, form = await _form(office, surfer)

    page = await surfer.send(
        page, form, interaction_type=kind, subject="Renewal", description="One\ntwo"
    )

    assert (200, True) == (page.status, "Logged." in page.text)
    assert "Renewal" in page.links
    [logged] = (await office.repo.find()).items
    assert kind == logged.interaction_type
    assert "One\ntwo" == logged.description
    assert ("root" if person == "root" else "ada") == logged.user_id


async def test_every_field_is_logged(office: Office, root: Surfer) -> None:
    """Every field is saved, with times in the person's time zone."""
    page, form = await _form(office, root)

    page = await root.send(
        page,
        form,
        interaction_type="call",
        subject="Renewal",
        direction="inbound",
        contact_method="video_call",
        duration="12",
        outcome="follow_up_required",
        occurred_at="2026-05-04T09:00",
        next_action="Send the offer",
        next_action_date="2126-05-05T09:00",
        related_entity_type="invoice",
        related_entity_id="I-1",
    )

    assert "Logged." in page.text
    [logged] = (await office.repo.find()).items
    assert InteractionType.CALL == logged.interaction_type
    assert Direction.INBOUND == logged.direction
    assert ContactMethod.VIDEO_CALL == logged.contact_method
    assert 12 == logged.duration
    assert Outcome.FOLLOW_UP_REQUIRED == logged.outcome
    assert datetime(2026, 5, 4, 7, 0, tzinfo=UTC) == logged.created_at
    assert "Send the offer" == logged.next_action
    assert datetime(2126, 5, 5, 7, 0, tzinfo=UTC) == logged.next_action_date
    assert ("invoice", "I-1") == (logged.related_entity_type, logged.related_entity_id)


async def test_a_form_that_is_sent_twice_logs_once(office: Office, root: Surfer) -> None:
    """The second submission leads to the same page."""
    page, form = await _form(office, root)

    first = await root.send(page, form, subject="Renewal")
    again = await root.send(page, form, subject="Renewal")

    assert (200, 200) == (first.status, again.status)
    assert 1 == await office.repo.count()


async def test_a_form_that_is_sent_again_with_other_text_asks(office: Office, root: Surfer) -> None:
    """A repeated submission with different text asks whether it is a new entry."""
    page, form = await _form(office, root)
    await root.send(page, form, subject="Renewal")

    page = await root.send(page, form, subject="Renewals")

    assert (409, True) == (page.status, "This form was already sent" in page.text)
    assert 1 == await office.repo.count()
    form = page.form("/interactions")
    assert "Renewals" == form.fields["subject"]
    page = await root.send(page, form)
    assert "Logged." in page.text
    assert 2 == await office.repo.count()


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({}, "Say what it was about."),
        ({"interaction_type": "note", "subject": "x"}, "needs a description"),
        ({"subject": "x" * 201}, "at most 200 characters"),
        ({"subject": "x", "duration": "an hour"}, "should be a valid integer"),
        ({"subject": "x", "duration": "0"}, "greater than or equal to 1"),
        ({"subject": "x", "next_action_date": "tomorrow"}, "such as 2026-05-04 09:00"),
        ({"subject": "x", "next_action_date": "2026-03-29T02:30"}, "The clocks skip this time"),
        ({"subject": "x", "next_action_date": "2026-03-01T02:30"}, "must be later than now"),
        ({"subject": "x", "occurred_at": "2126-03-01T02:30"}, "is in the future"),
        ({"subject": "x", "occurred_at": "9999-12-31T23:59"}, "is in the future"),
        ({"subject": "x", "occurred_at": "0001-01-01T00:00"}, "a date and a time"),
        ({"subject": "x", "related_entity_type": "invoice"}, "and ID of the record together"),
        ({"subject": "x", "interaction_type": "letter"}, "Input should be"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    office: Office, root: Surfer, typed: dict[str, str], error: str
) -> None:
    """Nothing is logged, and the form keeps its values."""
    page, form = await _form(office, root)
    typed = {**typed, "next_action": "Later", "description": typed.get("description", "")}

    page = await root.send(page, form, **typed)

    assert (422, True) == (page.status, error in page.text), page.text
    again = page.form("/interactions").fields
    typed.pop("interaction_type", None)  # the radio buttons do not offer another type
    assert typed.items() <= again.items()
    assert form.fields["key"] == again["key"]
    assert 0 == await office.repo.count()


async def _three(office: Office) -> None:
    for subject, kind, days in (("Old", "email", 40), ("Newer", "call", 3), ("Newest", "call", 1)):
        at = datetime.now(UTC) - timedelta(days=days)
        await getattr(office.repo, f"log_{kind}")(
            subject, customer_id=office.ada.id, occurred_at=at, outcome="resolved"
        )


async def test_the_timeline_is_filtered(office: Office, root: Surfer) -> None:
    """The timeline can be filtered by type, outcome, text and days; the form keeps its values."""
    await _three(office)
    page = await root.open(f"/customers/{office.ada.id}")
    assert page.text.index("Newest") < page.text.index("Newer") < page.text.index("Old")
    form = next(form for form in page.forms if "since" in form.fields)
    day = f"{datetime.now(UTC) - timedelta(days=10):%Y-%m-%d}"

    by_type = await root.send(page, form, type="email")
    by_text = await root.send(page, form, text="newe")
    recent = await root.send(page, form, since=day)
    old = await root.send(page, form, until=day)
    none = await root.send(page, form, outcome="busy")

    assert ["Old"] == [name for name in ("Newest", "Newer", "Old") if name in by_type.links]
    assert {"Newest", "Newer"} == {"Newest", "Newer", "Old"} & set(by_text.links)
    assert {"Newest", "Newer"} == {"Newest", "Newer", "Old"} & set(recent.links)
    assert {"Old"} == {"Newest", "Newer", "Old"} & set(old.links)
    assert "Nothing matches." in none.text
    assert "email" == next(f for f in by_type.forms if "since" in f.fields).fields["type"]


async def test_wrong_days_are_named_and_left_out(office: Office, root: Surfer) -> None:
    """Invalid days are reported, and the timeline is shown without them."""
    await _three(office)

    page = await root.open(f"/customers/{office.ada.id}?since=x&until=y&text=old")

    assert 200 == page.status
    assert 2 == page.text.count("Enter a date, such as 2026-05-04.")
    assert "Old" in page.links
    assert 400 == (await root.open(f"/customers/{office.ada.id}?type=letter")).status


async def test_a_long_timeline_has_more_pages(office: Office, root: Surfer) -> None:
    """The link to the next page keeps the filters."""
    for number in range(52):
        await office.repo.log_call(f"Number {number}.", customer_id=office.ada.id)
    page = await root.open(f"/customers/{office.ada.id}?type=call")
    assert "Number 2." in page.links
    assert "Number 1." not in page.links

    page = await root.open(page.links["Older"])

    assert {"Number 1.", "Number 0."} == {name for name in page.links if name.startswith("Number")}
    assert "Older" not in page.links
    assert b"type=call" in page.url.query


async def test_an_empty_timeline_says_what_to_do(office: Office, root: Surfer) -> None:
    """The page suggests logging the first call."""
    page = await root.open(f"/customers/{office.ada.id}")

    assert "Nothing yet. Log the first call above." in page.text


async def test_users_have_their_own_record_only(office: Office, user: Surfer) -> None:
    """For users, other customers' pages do not exist."""
    own = await user.open("/me?log=note")
    assert f"/customers/{office.ada.id}" == own.url.path
    assert "note" == own.form("/interactions").fields["interaction_type"]
    form = own.form("/interactions")
    form.action = form.action.replace(office.ada.id, office.bob.id)

    other = await user.open(f"/customers/{office.bob.id}")
    missing = await user.open("/customers/nobody")
    sent = await user.send(own, form, subject="Renewal", interaction_type="call")

    assert [404, 404, 404] == [other.status, missing.status, sent.status]
    assert other.text == missing.text.replace("nobody", office.bob.id)
    assert 0 == await office.repo.count()


async def test_a_user_without_a_record_is_told(office: Office) -> None:
    """The page shows the library's message."""
    page = await office.surfer(User("eve")).open("/me")

    assert (404, True) == (page.status, "Customer record not found" in page.text)


async def test_an_interaction_that_does_not_exist_is_a_404(office: Office, root: Surfer) -> None:
    """Missing pages and IDs are a 404, and an invalid ID is a 400."""
    assert 404 == (await root.open("/interactions/nope")).status
    assert 404 == (await root.open("/nowhere")).status
    assert 400 == (await office.surfer(Admin("root")).open("/customers/a%20b")).status
