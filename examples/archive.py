"""Move old interactions from the server to Parquet files, report on the files, and restore them.

It needs the extra `reports`, and uses an embedded Appwrite.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from interactions_sdk import InteractionsClient, reports

OLD = datetime(2021, 1, 1, tzinfo=UTC)
"""Interactions before this time are archived."""


def make_up(crm: InteractionsClient) -> None:
    """Log three old calls, an old one that is still open, and a new one."""
    crm.customers.ensure("ada")
    ada = crm.as_user("ada")
    for month in (5, 5, 6):
        ada.log_call("Renewal", occurred_at=datetime(2020, month, 12, tzinfo=UTC), duration=10)
    ada.log_call(
        "Still to be answered",
        occurred_at=datetime(2020, 7, 1, tzinfo=UTC),
        next_action_date=datetime(2020, 8, 1, tzinfo=UTC),
    )
    ada.log_call("New", next_action_date=datetime.now(UTC) + timedelta(days=7))


def main() -> None:
    """Archive, report, restore."""
    with TemporaryDirectory() as folder, InteractionsClient.embedded() as crm:
        make_up(crm)
        root = crm.as_admin("root")

        archived = root.archive(OLD, folder)
        print(f"Archived {archived.archived}")
        print(f"Open follow-ups, not archived: {archived.open_follow_ups}")
        for file in sorted(Path(folder).rglob("*.parquet")):
            print(f"  {file.relative_to(folder).parent}")

        frame = reports.scan(folder).collect()
        print(reports.by_type(frame, every="1y").select("period", "interactions", "mean_duration"))

        restored = root.restore(folder)
        print(f"Restored {restored.restored}; {root.count()} are on the server")


if __name__ == "__main__":
    main()
