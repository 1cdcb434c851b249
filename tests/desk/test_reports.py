"""Reports as charts and tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from interactions_sdk.desk import Admin, User

if TYPE_CHECKING:
    from tests.desk.conftest import Office
    from tests.desk.pages import Surfer

pytestmark = pytest.mark.anyio

REPORTS = ("by-type", "follow-ups", "activity", "engagement", "week")


async def test_each_report_is_a_picture_and_a_table(office: Office, root: Surfer) -> None:
    """Each chart is a separate image, and has a table for screen readers."""
    due = datetime.now(UTC) + timedelta(days=1)
    await office.repo.log_call("Renewal", customer_id=office.ada.id, next_action_date=due)
    page = await root.open("/reports")
    assert 2 * len(REPORTS) == page.html.count("plot.svg")

    for name in REPORTS:
        table = await root.open(f"/reports/{name}")
        assert (200, True) == (table.status, "table" in table.tags), name
        picture = await root.open(f"/reports/{name}/plot.svg")
        assert "image/svg+xml" == picture.headers["content-type"]
        assert "sandbox" in picture.headers["content-security-policy"]
        assert ET.fromstring(picture.html).tag.endswith("svg")  # noqa: S314 - our own
    assert 404 == (await root.open("/reports/nothing")).status


async def test_without_the_extra_the_page_says_what_to_install(
    root: Surfer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the extra `reports`, the page says what to install."""
    monkeypatch.setattr("interactions_sdk.desk.pages.reports.find_spec", lambda _: None)

    page = await root.open("/reports")

    assert "need the extra reports" in page.text
    assert "plot.svg" not in page.html


async def test_a_report_is_about_a_period(office: Office, root: Surfer) -> None:
    """The period selects the interactions; an invalid one is replaced by the default."""
    at = datetime.now(UTC) - timedelta(days=60)
    await office.repo.log_call("Renewal", customer_id=office.ada.id, occurred_at=at)

    assert "Call" not in (await root.open("/reports/activity?days=30")).text
    assert "Nothing to report." in (await root.open("/reports/activity?days=30")).text
    assert "root" in (await root.open("/reports/activity?days=90")).text
    assert "last 90 days" in (await root.open("/reports/activity?days=4000")).text


async def test_a_picture_is_kept_for_a_minute(office: Office, root: Surfer) -> None:
    """A chart is cached, separately for each theme."""
    await root.open("/reports/by-type/plot.svg")
    office.requests.clear()

    light = await root.open("/reports/by-type/plot.svg?theme=none")
    assert [] == office.requests
    dark = await root.open("/reports/by-type/plot.svg?theme=dark")
    assert office.requests
    assert light.html != dark.html


async def test_reports_are_in_the_persons_zone(office: Office) -> None:
    """A late Sunday evening in UTC is Monday morning in Auckland."""
    sunday = datetime.now(UTC).replace(hour=22, minute=30, second=0, microsecond=0)
    sunday -= timedelta(days=(sunday.weekday() + 1) % 7 + 7)
    await office.repo.log_call("Renewal", customer_id=office.ada.id, occurred_at=sunday)
    utc, auckland = (office.surfer(Admin("root", tz=tz)) for tz in ("UTC", "Pacific/Auckland"))

    monday = f"{sunday + timedelta(days=1):%Y-%m-%d}"
    assert monday in (await auckland.open("/reports/by-type")).text
    assert monday not in (await utc.open("/reports/by-type")).text
    hour = sunday.astimezone(ZoneInfo("Pacific/Auckland")).hour
    assert "Interactions 7 22 1 " in (await utc.open("/reports/week")).text
    assert f"Interactions 1 {hour} 1 " in (await auckland.open("/reports/week")).text
    for name in REPORTS:
        assert 200 == (await auckland.open(f"/reports/{name}")).status, name


async def test_a_picture_is_drawn_for_each_zone(office: Office) -> None:
    """A chart is cached for each time zone."""
    root = office.surfer(Admin("root"))
    page = await root.open("/settings")
    await root.open("/reports/week/plot.svg")
    await root.send(page, page.form("/settings/zone"), zone="Pacific/Auckland")
    office.requests.clear()

    await root.open("/reports/week/plot.svg")
    assert office.requests
    office.requests.clear()
    await root.open("/reports/week/plot.svg")
    assert [] == office.requests


async def test_users_have_reports_of_their_own(office: Office, user: Surfer) -> None:
    """A user's reports contain only their own interactions."""
    await office.repo.log_call("Renewal", customer_id=office.bob.id)
    await office.crm.as_user("ada").log_email("Offer")

    page = await user.open("/reports/by-type")

    assert "email" in page.text
    assert "call" not in page.text
    assert "email" not in (await office.surfer(User("bob")).open("/reports/by-type")).text
