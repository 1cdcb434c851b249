"""Watch interactions, and miss nothing after a restart.

The demonstration watches an embedded Appwrite while two colleagues log calls, stops after the first
change, and resumes. With APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID and APPWRITE_API_KEY set, it is a
service: it prints every change until Ctrl-C or SIGTERM, and saves its position in a file.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from interactions_sdk import InteractionsClient, InteractionUpdate

if TYPE_CHECKING:
    from interactions_sdk import InteractionRepository, Watch

INTERVAL = 0.1  # seconds; for a real server, use the default of one second


def follow(changes: Watch, place: Path, *, until: int | None = None) -> int:
    """Print each change and then save the position; return the number of changes."""
    count = 0
    for count, change in enumerate(changes, start=1):
        print(f"  {change.kind:8} {change.interaction.subject or change.interaction.id}")
        save(place, change.cursor)
        if count == until:
            changes.stop()
    return count


def save(place: Path, cursor: str) -> None:
    """Replace the saved position; a power failure leaves the old one or the new one."""
    part = place.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(cursor)
        file.flush()
        os.fsync(file.fileno())
    part.replace(place)


def work(repo: InteractionRepository, name: str) -> None:
    """Log two calls, and change one."""
    call = repo.log_call(f"{name} called about the plan")
    repo.update(call.id, InteractionUpdate(subject=f"{name} called about the annual plan"))
    repo.log_call(f"{name} called back")


def demonstrate() -> None:
    """Watch, stop after the first change, and resume."""
    with (
        tempfile.TemporaryDirectory() as folder,
        InteractionsClient.embedded() as crm,
    ):
        place = Path(folder, "place")
        crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        with ada.watch(interval=INTERVAL) as changes:
            colleague = Thread(target=work, args=(ada, "Ada"))
            colleague.start()
            print("Watching:")
            follow(changes, place, until=1)
        colleague.join()
        work(ada, "Grace")
        print("Resuming after the first change:")
        expected = {call.id for call in ada.iterate()}
        with ada.watch(since=place.read_text(), interval=INTERVAL) as changes:
            for change in changes:
                expected.discard(change.interaction.id)
                print(f"  {change.kind:8} {change.interaction.subject}")
                if not expected:
                    changes.stop()
        print("Nothing was missed.")


def serve() -> None:
    """Watch as an admin from the saved position, until a signal arrives."""
    admin = os.environ.get("WATCH_AS") or sys.exit(
        "Set WATCH_AS to the ID of a user who is an admin; the changes are watched as this user."
    )
    place = Path(os.environ.get("WATCH_PLACE", "watch.cursor"))
    since = place.read_text() if place.exists() else None
    with InteractionsClient.from_env() as crm:
        changes = crm.as_admin(admin).watch(since=since)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: changes.stop())
        with changes:
            print(f"{follow(changes, place)} changes.")


if __name__ == "__main__":
    serve() if "APPWRITE_ENDPOINT" in os.environ else demonstrate()
