"""The page of today's follow-ups, and its actions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine

from interactions_sdk import CustomerInteraction, Outcome
from interactions_sdk.desk import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desk.conftest import Office
    from tests.desk.pages import Page, Surfer

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)  # a Monday, 10:00 in Zurich


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Freeze the clock."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


async def task(office: Office, subject: str, due: timedelta) -> CustomerInteraction:
    """Create a follow-up for Ada; an overdue one is backdated."""
    return await office.repo.log_task(
        subject,
        customer_id=office.ada.id,
        next_action_date=NOW + due,
        occurred_at=NOW - timedelta(days=30),
    )


async def test_what_is_due_stands_in_three_lists(office: Office, root: Surfer) -> None:
    """The lists are overdue, due today in the person's time zone, and due in the next 7 days."""
    await task(office, "Offer", timedelta(days=-2))
    await task(office, "Call back", timedelta(hours=13, minutes=59))  # 23:59 in Zurich
    await task(office, "Contract", timedelta(hours=14))  # midnight
    await task(office, "Birthday", timedelta(days=20))
    done = await task(office, "Thanks", timedelta(days=-1))
    await office.repo.follow_ups.complete(done.id)

    page = await root.open("/")

    overdue, today, soon = (
        page.text.index(heading) for heading in ("Overdue", "Due today", "Due in the next 7 days")
    )
    assert overdue < page.text.index("Offer") < today
    assert today < page.text.index("Call back") < soon < page.text.index("Contract")
    assert "Birthday" not in page.text
    assert "Thanks" not in page.text
    assert "today, 23:59" in page.text
    assert "tomorrow, 00:00" in page.text


async def test_mine_are_those_that_i_have_logged(office: Office, root: Surfer) -> None:
    """An admin sees all follow-ups, or only their own."""
    await task(office, "Of the admin", timedelta(hours=1))
    await office.crm.as_user("bob").log_task("Of Bob", next_action_date=NOW + timedelta(hours=1))

    everyone = await root.open("/")
    mine = await root.open(everyone.links["Mine"])

    assert "Of Bob" in everyone.text
    assert "Of Bob" not in mine.text
    assert "Of the admin" in mine.text


async def test_a_long_list_is_cut_and_says_so(office: Office, root: Surfer) -> None:
    """The number of follow-ups on the page is limited."""
    for number in range(51):
        await task(office, f"Number {number}.", timedelta(days=-2, minutes=number))

    page = await root.open("/")

    assert "Overdue 50 or more" in page.text
    assert "Number 49." in page.text
    assert "Number 50." not in page.text


@pytest.mark.parametrize("person", ["root", "user"])
async def test_completing_takes_one_click(
    office: Office, person: str, request: pytest.FixtureRequest
) -> None:
    """After completing, the page no longer shows the follow-up."""
    surfer: Surfer = request.getfixturevalue(person)
    open_one = await task(office, "Offer", timedelta(hours=1))
    page = await surfer.open("/")

    page = await surfer.send(page, page.form("/complete"), "Done")

    assert "Done. The follow-up is completed." in page.text
    assert "Offer" not in page.text
    assert Outcome.RESOLVED == (await office.repo.get(open_one.id)).outcome


async def test_completing_twice_is_completing_once(office: Office, root: Surfer) -> None:
    """Completing a second time changes nothing."""
    open_one = await task(office, "Offer", timedelta(hours=1))
    page = await root.open("/")
    form = page.form("/complete")

    await root.send(page, form, "Done")
    once = await office.repo.get(open_one.id)
    again = await root.send(page, form, "Done")

    assert 200 == again.status
    assert once == await office.repo.get(open_one.id)


async def test_snoozing_takes_one_click(office: Office, root: Surfer) -> None:
    """Tomorrow is nine o'clock in the person's time zone; a second click has no effect."""
    open_one = await task(office, "Offer", timedelta(hours=1))
    page = await root.open("/")
    form = page.form("/complete")

    await root.send(page, form, "Tomorrow")
    page = await root.send(page, form, "Tomorrow")

    assert "tomorrow, 09:00" in page.text
    due = (await office.repo.get(open_one.id)).next_action_date
    assert datetime(2026, 5, 5, 7, 0, tzinfo=UTC) == due


async def test_planning_the_next_takes_one_click(office: Office, root: Surfer) -> None:
    """A next follow-up in a week is created once, however often the form is submitted."""
    await task(office, "Call Ada", timedelta(hours=1))
    page = await root.open("/")
    form = page.form("/complete")

    await root.send(page, form, "Done, next in a week")
    page = await root.send(page, form, "Done, next in a week")

    assert 1 == page.text.count("Call Ada")
    following = [each async for each in office.repo.follow_ups.upcoming(timedelta(days=8))]
    assert [("Call Ada", datetime(2026, 5, 11, 7, 0, tzinfo=UTC))] == [
        (each.subject, each.next_action_date) for each in following
    ]


async def _open_entry(office: Office, root: Surfer) -> tuple[str, Page]:
    open_one = await task(office, "Offer", timedelta(hours=1))
    return open_one.id, await root.open(f"/interactions/{open_one.id}")


async def test_a_note_and_the_next_task_can_be_written(office: Office, root: Surfer) -> None:
    """The entry's page has a form with a note and a next task."""
    id, page = await _open_entry(office, root)

    page = await root.send(
        page,
        page.form("/complete"),
        "Done",
    )
    page = await root.open(f"/interactions/{id}")
    assert "Complete with a note" not in page.text

    id, page = await _open_entry(office, root)
    form = next(form for form in page.forms if "next_subject" in form.fields)
    await root.send(
        page,
        form,
        "Complete and plan the next",
        note="She likes it.",
        next_subject="Contract",
        next_date="2026-06-01T10:30",
    )

    metadata = (await office.repo.get(id)).metadata
    assert metadata is not None
    assert "She likes it." in str(metadata.custom_fields)
    following = [each async for each in office.repo.follow_ups.upcoming(timedelta(days=60))]
    assert [("Contract", datetime(2026, 6, 1, 8, 30, tzinfo=UTC))] == [
        (each.subject, each.next_action_date) for each in following
    ]


async def test_snoozing_until_any_time_and_cancelling(office: Office, root: Surfer) -> None:
    """Invalid and past times are rejected with an explanation."""
    id, page = await _open_entry(office, root)
    form = next(form for form in page.forms if "until" in form.fields)

    assert "Choose until when." in (await root.send(page, form)).text
    wrong = await root.send(page, form, until="soon")
    assert (422, True) == (wrong.status, "such as 2026-05-04 09:00" in wrong.text)
    past = await root.send(page, form, until="2026-05-01T09:00")
    assert (422, True) == (past.status, "later than now" in past.text)
    typed = next(form for form in past.forms if "until" in form.fields).fields["until"]
    assert "2026-05-01T09:00" == typed

    await root.send(page, form, until="2026-05-20T09:00")
    due = (await office.repo.get(id)).next_action_date
    assert datetime(2026, 5, 20, 7, 0, tzinfo=UTC) == due

    page = await root.send(page, form, "Cancel the follow-up")
    assert "The follow-up is cancelled." in page.text
    assert (await office.repo.get(id)).next_action_date is None


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"next_date": "soon"}, "Enter a date and a time"),
        ({"next_date": "2026-05-01T09:00"}, "later than now"),
        ({"next_subject": "x" * 201}, "at most 200 characters"),
        ({"note": "x" * 5000}, "does not fit"),
    ],
)
async def test_what_is_wrong_with_the_next_stands_beside_its_field(
    office: Office, root: Surfer, typed: dict[str, str], error: str
) -> None:
    """Nothing is completed, and the form keeps its values."""
    id, page = await _open_entry(office, root)
    form = next(form for form in page.forms if "next_subject" in form.fields)

    page = await root.send(page, form, "Complete and plan the next", **typed)

    assert (422, True) == (page.status, error in page.text)
    again = next(form for form in page.forms if "next_subject" in form.fields)
    assert typed.items() <= again.fields.items()
    assert (await office.repo.get(id)).is_open_follow_up
    if "note" in typed:
        assert error in (await root.send(page, again, "Complete")).text


async def test_what_is_no_follow_up_any_more_says_so(office: Office, root: Surfer) -> None:
    """If another person has completed the follow-up, the page says so."""
    id, page = await _open_entry(office, root)
    await office.repo.follow_ups.cancel(id)

    page = await root.send(page, page.form("/complete"), "Done")

    assert 400 == page.status
    assert "not an open follow-up" in page.text


async def test_a_form_leads_back_to_its_page_and_nowhere_else(office: Office, root: Surfer) -> None:
    """The `back` address must be on the desk."""
    await task(office, "Offer", timedelta(hours=1))
    page = await root.open("/?mine=1")
    form = page.form("/complete")
    assert "/?mine=1" == form.fields["back"]

    back = await root.send(page, form, "Tomorrow")
    assert "mine=1&notice=snoozed" == back.url.query.decode()
    elsewhere = await root.send(page, form, "Tomorrow", back="//evil.invalid/")
    assert ("desk.example", "/") == (elsewhere.url.host, elsewhere.url.path)


async def test_users_see_and_change_their_own_only(office: Office) -> None:
    """For users, other customers' follow-ups do not exist."""
    open_one = await task(office, "Offer", timedelta(hours=1))
    bob = office.surfer(User("bob"))
    page = await bob.open("/")
    assert "Offer" not in page.text

    own = await office.crm.as_user("bob").log_task("Own", next_action_date=NOW + timedelta(hours=1))
    page = await bob.open("/")
    form = page.form("/complete")
    form.buttons = {
        button: (action.replace(own.id, open_one.id), name, value)
        for button, (action, name, value) in form.buttons.items()
    }

    for button in ("Done", "Tomorrow", "Done, next in a week"):
        assert 404 == (await bob.send(page, form, button)).status
    assert (await office.repo.get(open_one.id)).is_open_follow_up


async def test_a_follow_up_may_repeat(office: Office, root: Surfer) -> None:
    """Completing creates the next one; a date can be skipped, and the series stopped."""
    page = await root.open(f"/customers/{office.ada.id}")
    page = await root.send(
        page,
        page.form("/interactions"),
        interaction_type="task",
        subject="Call Ada",
        next_action_date="2026-05-04T12:00",
        recurrence="FREQ=WEEKLY",
    )
    assert "repeats: every week" in page.text
    page = await root.open(page.links["Call Ada"])
    assert not any("next_subject" in form.fields for form in page.forms)
    assert "Done, next in a week" not in page.text

    form = next(form for form in page.forms if "due" in form.fields)
    await root.send(page, form, "Skip this date")
    page = await root.send(page, form, "Skip this date")
    assert "Skipped" in page.text
    [task] = (await office.repo.find()).items
    assert datetime(2026, 5, 11, 10, 0, tzinfo=UTC) == task.next_action_date
    assert "Europe/Zurich" == task.recurrence_tz

    await root.send(page, page.form("/complete"), "Done")
    [following] = [each async for each in office.repo.follow_ups.upcoming(timedelta(days=30))]
    assert datetime(2026, 5, 18, 10, 0, tzinfo=UTC) == following.next_action_date
    page = await root.open(f"/interactions/{following.id}")
    form = next(form for form in page.forms if "due" in form.fields)
    page = await root.send(page, form, "Stop repeating")
    assert "It no longer repeats." in page.text
    assert (await office.repo.get(following.id)).recurrence is None
    await office.repo.follow_ups.cancel(following.id)
    assert 400 == (await root.send(page, form, "Skip this date")).status


async def test_what_repeats_needs_a_date(office: Office, root: Surfer) -> None:
    """The error is shown next to the field."""
    page = await root.open(f"/customers/{office.ada.id}")

    page = await root.send(page, page.form("/interactions"), subject="x", recurrence="FREQ=WEEKLY")

    assert (422, True) == (page.status, "needs a due date" in page.text)
    assert "FREQ=WEEKLY" == page.form("/interactions").fields["recurrence"]
