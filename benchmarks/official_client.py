"""The functions of the schema document, line by line, with the official package.

This is what users would write without this library: the document's TypeScript in Python, with its
names and its calls in order. `createdAt`, which a real server rejects, is omitted.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from appwrite.client import Client
from appwrite.id import ID
from appwrite.query import Query
from appwrite.services.tables_db import TablesDB

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.servers import Server

CUSTOMER_INTERACTIONS_COLLECTION_ID = "customer_interactions"
CUSTOMERS_COLLECTION_ID = "customers"
AUDIT_LOGS_COLLECTION_ID = "audit_logs"


class Document:
    """The functions of the schema document, on one server.

    Args:
        server: The server and its database.
    """

    def __init__(self, server: Server) -> None:
        client = Client().set_endpoint(server.endpoint).set_project(server.project)
        # Otherwise, the package prints with each response that it is newer than the server.
        vars(client)["_global_headers"]["X-Appwrite-Response-Format"] = "1.9.0"
        self.tables_db = TablesDB(client.set_key(server.key))
        self.database_id = server.database

    def create_interaction(self, interaction_data: Mapping[str, Any], user_id: str) -> Any:  # noqa: ANN401 - the package's row
        """Create an interaction: five calls."""
        # Validate required fields
        if not interaction_data.get("interactionType"):
            raise ValueError("Interaction type is required")

        # Get user's customer record
        customer = self.get_customer_by_user_id(user_id)
        if customer is None:
            message = "Customer record not found. Please create your customer profile first."
            raise LookupError(message)

        # Set defaults - customerId must match user's customer record
        new_interaction = {
            **interaction_data,
            "customerId": customer.id,
            "userId": user_id,
            "direction": interaction_data.get("direction") or "outbound",
            "createdBy": user_id,
        }
        interaction = self.tables_db.create_row(
            self.database_id, CUSTOMER_INTERACTIONS_COLLECTION_ID, ID.unique(), new_interaction
        )

        # Update customer's last contact date
        self.update_last_contact(customer.id)

        # Update customer's next follow-up if nextActionDate is set
        if interaction_data.get("nextActionDate"):
            self.update_customer_next_follow_up(customer.id, interaction_data["nextActionDate"])

        # Log interaction creation in audit log
        self.log_customer_interaction_created(user_id, interaction.id, customer.id)
        return interaction

    def get_customer_interactions(self, user_id: str, limit: int = 50) -> Sequence[Any]:
        """Get a user's newest interactions: two calls."""
        # Get user's customer record
        customer = self.get_customer_by_user_id(user_id)
        if customer is None:
            return []

        # Get interactions for user's customer record
        interactions = self.tables_db.list_rows(
            self.database_id,
            CUSTOMER_INTERACTIONS_COLLECTION_ID,
            [
                Query.equal("customerId", customer.id),
                Query.order_desc("$createdAt"),
                Query.limit(limit),
            ],
        )
        rows: Sequence[Any] = interactions.rows
        return rows

    def get_interactions_needing_follow_up(self, user_id: str | None = None) -> Sequence[Any]:
        """Get the due follow-ups with one call, which returns at most 25."""
        queries = [
            Query.less_than_equal("nextActionDate", datetime.now(UTC).isoformat()),
            Query.not_equal("outcome", "resolved"),
            Query.order_asc("nextActionDate"),
        ]
        if user_id is not None:
            queries.append(Query.equal("userId", user_id))
        interactions = self.tables_db.list_rows(
            self.database_id, CUSTOMER_INTERACTIONS_COLLECTION_ID, queries
        )
        rows: Sequence[Any] = interactions.rows
        return rows

    # The document calls these four functions, but does not define them.

    def get_customer_by_user_id(self, user_id: str) -> Any:  # noqa: ANN401 - the package's row
        """Find a user's customer record."""
        found = self.tables_db.list_rows(
            self.database_id,
            CUSTOMERS_COLLECTION_ID,
            [Query.equal("userId", user_id), Query.limit(1)],
        )
        return found.rows[0] if found.rows else None

    def update_last_contact(self, customer_id: str) -> None:
        """Set `lastContactAt` to now."""
        now = datetime.now(UTC).isoformat()
        self.tables_db.update_row(
            self.database_id, CUSTOMERS_COLLECTION_ID, customer_id, {"lastContactAt": now}
        )

    def update_customer_next_follow_up(self, customer_id: str, next_action_date: str) -> None:
        """Set `nextFollowUpAt`."""
        data = {"nextFollowUpAt": next_action_date}
        self.tables_db.update_row(self.database_id, CUSTOMERS_COLLECTION_ID, customer_id, data)

    def log_customer_interaction_created(
        self, user_id: str, interaction_id: str, customer_id: str
    ) -> None:
        """Write a line of the audit log."""
        entry = {
            "action": "interaction.created",
            "userId": user_id,
            "entityId": interaction_id,
            "customerId": customer_id,
        }
        self.tables_db.create_row(self.database_id, AUDIT_LOGS_COLLECTION_ID, ID.unique(), entry)

    # The document mentions bulk creation and reading all, but does not define them.

    def create_interactions(self, interactions: Sequence[Mapping[str, Any]]) -> None:
        """Create many interactions without audit rows, 100 in each call."""
        for begin in range(0, len(interactions), 100):
            rows = [{"$id": ID.unique(), **each} for each in interactions[begin : begin + 100]]
            self.tables_db.create_rows(self.database_id, CUSTOMER_INTERACTIONS_COLLECTION_ID, rows)

    def all_interactions(self, customer_id: str, limit: int = 100) -> Iterator[Any]:
        """Read all interactions of a customer, `limit` in each call."""
        cursor: list[str] = []
        while True:
            rows = self.tables_db.list_rows(
                self.database_id,
                CUSTOMER_INTERACTIONS_COLLECTION_ID,
                [
                    Query.equal("customerId", customer_id),
                    Query.order_desc("$createdAt"),
                    Query.limit(limit),
                    *cursor,
                ],
            ).rows
            yield from rows
            if len(rows) < limit:
                return
            cursor = [Query.cursor_after(rows[-1].id)]
