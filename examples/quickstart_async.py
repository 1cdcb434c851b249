"""The quickstart with async and await: several calls are logged concurrently."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta

from interactions_sdk import AsyncInteractionsClient, Settings


def open_client() -> AsyncInteractionsClient:
    """Open the server in the environment, or an embedded one."""
    if "APPWRITE_ENDPOINT" not in os.environ:
        return AsyncInteractionsClient.embedded()
    # The user of this demonstration need not exist on your server.
    return AsyncInteractionsClient.from_env(settings=Settings(verify_users=False))


async def main() -> None:
    """Log, then read."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    async with open_client() as crm:
        await crm.schema.apply()  # does nothing if everything exists
        await crm.customers.ensure("ada")
        repo = crm.as_user("ada")

        await asyncio.gather(
            repo.log_call("Asked about the annual plan", direction="inbound", duration=12),
            repo.log_email("Offer for the annual plan", next_action_date=tomorrow),
            repo.log_note("Prefers email to calls."),
        )

        print("Timeline")
        async for interaction in repo.iterate():
            what = interaction.subject or interaction.description
            when = f"{interaction.created_at:%Y-%m-%d %H:%M}"
            print(f"  {when}  {interaction.interaction_type:8} {what}")

        print("Follow-ups of the next days")
        async for interaction in repo.follow_ups.upcoming():
            print(f"  {interaction.next_action_date:%Y-%m-%d %H:%M}  {interaction.subject}")


if __name__ == "__main__":
    asyncio.run(main())
