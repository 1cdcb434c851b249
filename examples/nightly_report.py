"""A nightly job: a chart of what the team did, and a list of customers without recent contact.

`python examples/nightly_report.py FOLDER` writes `by_type.png` and `stale_customers.csv` there. It
needs the extra `reports`. Without APPWRITE_ENDPOINT it generates interactions.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from interactions_sdk import InteractionCreate, InteractionsClient, reports

if TYPE_CHECKING:
    from interactions_sdk import InteractionRepository

WEEKS = 8
SILENT_DAYS = 30
TEAM_ZONE = "Europe/Zurich"


def make_up(crm: InteractionsClient, now: datetime) -> None:
    """Log two months of calls and emails; one customer has had no contact for weeks."""
    for user, latest in (("ada", 1), ("bob", 2), ("eve", 40)):
        crm.customers.ensure(user)
        crm.as_user(user).create_many(
            InteractionCreate(
                interaction_type="email" if day % 3 == 0 else "call",
                subject=f"Week {day // 7}",
                outcome="successful" if day % 2 else "no_answer",
                duration=5 + day % 20,
                occurred_at=now - timedelta(days=day),
            )
            for day in range(latest, WEEKS * 7, 2)
        ).raise_for_failures()


def report(repo: InteractionRepository, folder: Path, now: datetime) -> None:
    """Read once, print a summary, and write the files."""
    folder.mkdir(parents=True, exist_ok=True)
    interactions = repo.iterate(since=now - timedelta(weeks=WEEKS))
    frame = reports.frame(interactions, progress=sys.stderr.isatty())
    print(f"{len(frame)} interactions in {WEEKS} weeks")

    by_type = reports.by_type(frame, every="1w", tz=TEAM_ZONE)
    reports.plot(by_type).save(folder / "by_type.png")

    stale = reports.stale_customers(frame, days=SILENT_DAYS, as_of=now)
    stale.write_csv(folder / "stale_customers.csv")
    print(f"Without contact for {SILENT_DAYS} days: {len(stale)}")

    print("Written", *sorted(path.name for path in folder.iterdir()))


def main() -> None:
    """Report on the server in the environment, or on generated interactions."""
    now = datetime.now(UTC)
    with TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        if "APPWRITE_ENDPOINT" in os.environ:
            admin = os.environ.get("ADMIN_USER_ID") or sys.exit(
                "Set ADMIN_USER_ID to the ID of a user who is an admin; the interactions are read "
                "as this user."
            )
            with InteractionsClient.from_env() as crm:
                report(crm.as_admin(admin), folder, now)
        else:
            with InteractionsClient.embedded() as crm:
                make_up(crm, now)
                report(crm.as_admin("root"), folder, now)


if __name__ == "__main__":
    main()
