"""Make the picture of a timeline: `python docs/make_images.py [FILE]`, with Chromium or Chrome."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from interactions_sdk import InteractionMetadata, InteractionsClient

PICTURE = Path(__file__).parent / "images" / "timeline.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZE = (760, 850)
MONDAY = datetime(2026, 6, 8, 9, tzinfo=UTC)


def page() -> str:
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


def main() -> None:
    """Let a browser draw the page."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("There is no Chromium or Chrome: apt-get install chromium")
    picture = Path(sys.argv[1] if len(sys.argv) > 1 else PICTURE).absolute()
    picture.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        file = Path(folder, "timeline.html")
        file.write_text(page(), encoding="utf-8")
        subprocess.run(  # noqa: S603 - the browser that was found, our own page
            [
                browser,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={folder}/profile",
                f"--window-size={SIZE[0]},{SIZE[1]}",
                f"--screenshot={picture}",
                file.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main()
