"""Log a customer's interactions, then print the timeline and the follow-ups that are due.

Run it as it is and it uses an embedded Appwrite, in memory. Set APPWRITE_ENDPOINT,
APPWRITE_PROJECT_ID and APPWRITE_API_KEY, and it uses your server.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from interactions_sdk import InteractionMetadata, InteractionsClient, Settings


def open_client() -> InteractionsClient:
    """Open the server in the environment, or an embedded one."""
    if "APPWRITE_ENDPOINT" not in os.environ:
        return InteractionsClient.embedded()
    # The user of this demonstration need not exist on your server.
    return InteractionsClient.from_env(settings=Settings(verify_users=False))


def main() -> None:
    """Log, then read."""
    now = datetime.now(UTC)
    with open_client() as crm:
        crm.schema.apply()  # does nothing if everything exists
        crm.customers.ensure("ada")
        repo = crm.as_user("ada")

        repo.log_call("Asked about the annual plan", direction="inbound", duration=12)
        repo.log_call("Called back", outcome="voicemail")
        repo.log_email(
            "Offer for the annual plan",
            next_action="Ask what she thinks",
            next_action_date=now + timedelta(days=7),
        )
        repo.log_meeting(
            "Kick-off",
            "Agreed on goals and dates.",
            duration=45,
            metadata=InteractionMetadata(location="Zurich", participants=["bob@example.com"]),
        )
        repo.log_note("Prefers email to calls.")
        repo.log_task(
            "Send the contract",
            occurred_at=now - timedelta(days=3),
            next_action_date=now - timedelta(days=1),
        )

        print("Timeline")
        for interaction in repo.iterate():
            what = interaction.subject or interaction.description
            when = f"{interaction.created_at:%Y-%m-%d %H:%M}"
            print(f"  {when}  {interaction.interaction_type:8} {what}")

        print("Follow-ups due")
        for interaction in repo.follow_ups.due():
            print(f"  {interaction.next_action_date:%Y-%m-%d %H:%M}  {interaction.subject}")

        customer = crm.customers.get_by_user_id("ada")
        print(f"Last contact {customer.last_contact_at:%Y-%m-%d %H:%M}")


if __name__ == "__main__":
    main()
