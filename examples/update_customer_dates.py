"""An Appwrite Function that updates customers' dates after users write with their own sessions.

Users may not change their customer record, so their writes do not update its dates. Give this
function an API key with the scopes rows.read, rows.write and users.read as APPWRITE_API_KEY, set
INTERACTIONS_USER_SESSIONS=true, and run it on these events and on a schedule such as `0 3 * * *`:

    databases.console-db.tables.customer_interactions.rows.*.create
    databases.console-db.tables.customer_interactions.rows.*.update
    databases.console-db.tables.customer_interactions.rows.*.delete

The function does not trust the event, since users may write any row: it reads the customer's own
interactions itself. The demonstration runs both on an embedded Appwrite.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace

from appwrite.services.tables_db import TablesDB
from appwrite.services.users import Users

from interactions_sdk import InteractionsClient, NotFoundError, Settings
from interactions_sdk.embedded import EmbeddedAppwrite


@cache
def open_crm() -> InteractionsClient:
    """Open the client once: a warm function keeps it and its connections."""
    return InteractionsClient.from_env()


def main(context: SimpleNamespace, crm: InteractionsClient | None = None) -> object:
    """Update the dates of the customer whose row has changed, or on a schedule those of all."""
    client = crm or open_crm()
    if context.req.headers.get("x-appwrite-trigger") == "schedule":
        result = client.customers.reconcile()
    else:
        customer_id = json.loads(context.req.body_text or "{}").get("customerId")
        try:
            result = client.customers.reconcile(str(customer_id))
        except NotFoundError:  # a row may name any customer
            return context.res.json({"updated": 0})
    return context.res.json({"updated": result.dates_updated})


def event(trigger: str, row: object = None) -> SimpleNamespace:
    """Return the parts of Appwrite's context that this function uses."""
    return SimpleNamespace(
        req=SimpleNamespace(body_text=json.dumps(row), headers={"x-appwrite-trigger": trigger}),
        res=SimpleNamespace(json=lambda body: body),
    )


def demonstrate(server: EmbeddedAppwrite) -> None:
    """Let Ada log a call and Eve forge one, and run the function after each."""
    settings = Settings(user_sessions=True, verify_users=False)

    def sign_in(*, api_key: str | None = None, jwt: str | None = None) -> InteractionsClient:
        return InteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=api_key,
            jwt=jwt,
            settings=settings,
            transport=server.transport,
        )

    with sign_in(api_key=server.api_key) as crm:
        crm.schema.apply()
        users = Users(crm.appwrite)
        customer = crm.customers.ensure("ada")
        jwts = {}
        for user_id in ("ada", "eve"):
            users.create(user_id, email=f"{user_id}@example.com")
            jwts[user_id] = users.create_jwt(user_id).jwt
        with sign_in(jwt=jwts["ada"]) as ada:
            due = datetime.now(UTC) + timedelta(days=7)
            call = ada.as_user().log_call("Renewal", next_action_date=due)
        print(f"After the call: {crm.customers.get(customer.id).last_contact_at}")
        print(main(event("event", {"$id": call.id, "customerId": customer.id}), crm))
        updated = crm.customers.get(customer.id)
        print(f"After the event: {updated.last_contact_at == call.created_at}")
        with sign_in(jwt=jwts["eve"]) as eve:
            forged = {
                "customerId": customer.id,
                "interactionType": "call",
                "direction": "inbound",
                "userId": "ada",
                "nextActionDate": "2020-01-01T00:00:00Z",
            }
            TablesDB(eve.appwrite).create_row("console-db", "customer_interactions", "x", forged)
        print(main(event("event", forged), crm))
        print(f"After a forged row: {crm.customers.get(customer.id) == updated}")
        print(main(event("schedule"), crm))
        print(*crm.schema.audit_ownership(), sep="\n")


if __name__ == "__main__":
    with EmbeddedAppwrite() as embedded:
        demonstrate(embedded)
