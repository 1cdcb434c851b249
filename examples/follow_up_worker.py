"""Send due reminders from any number of workers, each reminder once.

The demonstration runs two workers on an embedded Appwrite and ends when nothing is due. With
APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID and APPWRITE_API_KEY set, it is a service: it checks every 30
seconds for due reminders. Ctrl-C or SIGTERM end it after the current batch.
"""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

from interactions_sdk import ConflictError, InteractionsClient, NotFoundError

if TYPE_CHECKING:
    from interactions_sdk import CustomerInteraction, FollowUps

BATCH_SIZE = 5
LEASE = timedelta(minutes=2)  # longer than a batch takes
PAUSE = 30.0  # seconds between two checks when nothing is due


def send(reminder: CustomerInteraction) -> None:
    """Send one reminder: here, print it.

    Pass `reminder.id` to your mail provider as the idempotency key: if a worker crashes between
    sending and completing, the next one sends the reminder again.
    """
    print(f"  remind {reminder.user_id}: {reminder.subject}")


def send_what_is_due(follow_ups: FollowUps, stopped: Event) -> int:
    """Claim, send and complete until nothing is due; return how many were sent."""
    sent = 0
    while not stopped.is_set() and (reminders := follow_ups.claim(BATCH_SIZE, lease=LEASE)):
        for reminder in reminders:
            send(reminder)
            try:
                follow_ups.complete(reminder.id, note="Reminded.")
            except (ConflictError, NotFoundError) as error:  # completed by someone else
                print(f"  skipped: {error}")
            sent += 1
    return sent


def serve(crm: InteractionsClient) -> None:
    """Send due reminders until a signal arrives."""
    admin = os.environ.get("ADMIN_USER_ID") or sys.exit(
        "Set ADMIN_USER_ID to the ID of a user who is an admin; the reminders are claimed as this "
        "user."
    )
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    follow_ups = crm.as_admin(admin).follow_ups
    while not stopped.is_set():
        send_what_is_due(follow_ups, stopped)
        stopped.wait(PAUSE)


def demonstrate(crm: InteractionsClient) -> None:
    """Let two workers share twelve reminders."""
    crm.customers.ensure("ada")
    ada = crm.as_user("ada")
    now = datetime.now(UTC)
    for number in range(1, 13):
        ada.log_call(
            f"Call {number}",
            occurred_at=now - timedelta(days=2),
            next_action_date=now - timedelta(hours=number),
        )
    follow_ups = crm.as_admin("mailer").follow_ups
    stopped = Event()
    with ThreadPoolExecutor(2) as workers:
        running = [workers.submit(send_what_is_due, follow_ups, stopped) for _ in range(2)]
    print(f"Sent {sum(each.result() for each in running)} reminders")
    print(f"Still due: {len(list(follow_ups.due()))}")


def main() -> None:
    """Run as a service on your server, or run the demonstration."""
    if "APPWRITE_ENDPOINT" in os.environ:
        with InteractionsClient.from_env() as crm:
            serve(crm)
    else:
        with InteractionsClient.embedded() as crm:
            demonstrate(crm)


if __name__ == "__main__":
    main()
