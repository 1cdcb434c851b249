"""Make the images of a timeline and of the desk: `python docs/_build_scripts/images.py FOLDER`.

This needs Chromium or Chrome.

Those of the README are committed in `docs/images`: make them again when timelines or the desk look
different.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from interactions_sdk import AsyncInteractionsClient, InteractionMetadata, InteractionsClient
from interactions_sdk.desk import Admin, desk
from interactions_sdk.desk.assets import ASSETS
from interactions_sdk.desk.sample import log_sample

FRONT_PAGE = Path(__file__).parents[1] / "images"
PICTURES = {
    "timeline.png": False,
    "timeline-dark.png": True,
    "desk.png": False,
    "desk-dark.png": True,
}
"""File names, and whether the page is in dark mode."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZES = {"timeline": (760, 850), "desk": (960, 720)}
MONDAY = datetime(2026, 6, 8, 9, tzinfo=UTC)


def timeline_page() -> str:
    """Log a customer's week, and return its timeline as a page; the newest entry is open."""
    with InteractionsClient.embedded() as crm:
        crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        ada.log_email(
            "Question about invoices", direction="inbound", outcome="resolved", occurred_at=MONDAY
        )
        ada.log_call(
            "Called back", outcome="voicemail", occurred_at=MONDAY + timedelta(hours=5, minutes=20)
        )
        ada.log_task(
            "Send the contract",
            occurred_at=MONDAY + timedelta(days=2, hours=1),
            next_action="With the appendix on data protection",
            next_action_date=MONDAY + timedelta(days=8),
        )
        ada.log_meeting(
            "Kick-off",
            "Agreed on goals, dates and who does what.",
            duration=45,
            contact_method="video_call",
            occurred_at=MONDAY + timedelta(days=3, hours=2),
            metadata=InteractionMetadata(participants=["ada@example.com", "bob@example.com"]),
        )
        ada.log_call(
            "Asked about the annual plan",
            description="Wants to start in July, with twelve seats.",
            direction="inbound",
            duration=12,
            outcome="follow_up_required",
            occurred_at=MONDAY + timedelta(days=4, minutes=30),
            next_action="Send an offer",
            next_action_date=MONDAY + timedelta(days=9),
        )
        shown = ada.timeline(tz="Europe/Zurich").to_html("Ada Lovelace Ltd.")
    return shown.replace("<details", "<details open", 1)


def desk_page() -> str:
    """Return today's page of the desk with sample data, with its style sheet in it."""

    async def fetch() -> str:
        async with AsyncInteractionsClient.embedded() as crm:
            await log_sample(crm, "grace")
            person = Admin("grace", name="Grace", tz="Europe/Zurich")
            transport = httpx.ASGITransport(desk(crm, identify=lambda _: person))
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as browser:
                return (await browser.get("/")).text

    html = re.sub("<script.*?</script>", "", asyncio.run(fetch()))
    style = f"<style>{ASSETS['desk.css'].decode()}</style>"
    return re.sub("<link rel=.stylesheet.*?>", lambda _: style, html)


PAGES = {"timeline": timeline_page, "desk": desk_page}


def draw(browser: str, picture: Path, *, is_dark: bool) -> None:
    """Let a browser draw the page that a picture is named after."""
    name = picture.stem.removesuffix("-dark")
    width, height = SIZES[name]
    with TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(PAGES[name](), encoding="utf-8")
        subprocess.run(  # noqa: S603 - the browser that was found, our own page
            [
                browser,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                f"--user-data-dir={folder}/profile",
                f"--blink-settings=preferredColorScheme={0 if is_dark else 1}",
                f"--window-size={width},{height}",
                f"--screenshot={picture.absolute()}",
                file.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


def main(folder: Path) -> None:
    """Draw them, or copy those of the front page where there is no browser."""
    folder.mkdir(parents=True, exist_ok=True)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    for name, is_dark in PICTURES.items():
        if browser:
            draw(browser, folder / name, is_dark=is_dark)
        else:
            shutil.copy(FRONT_PAGE / name, folder)
    if browser is None:
        print("No Chromium or Chrome: the pictures are the committed ones.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
