"""Finding users with more than one customer record."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from interactions_sdk._async.connection.rows import MAX_PAGE_SIZE, OLDEST_FIRST, iterate_rows
from interactions_sdk.rules.duplicate_customers import duplicate_customers_problem
from interactions_sdk.wire import query
from interactions_sdk.wire.tables import tables_for

if TYPE_CHECKING:
    from interactions_sdk._async.connection.connection import AsyncConnection
    from interactions_sdk.settings import Settings

__all__ = ["find_duplicate_customers"]


async def find_duplicate_customers(connection: AsyncConnection, settings: Settings) -> list[str]:
    """Return a sentence for each user with more than one customer record, reading all records."""
    customer_ids: defaultdict[str, list[str]] = defaultdict(list)
    customers = iterate_rows(
        connection,
        tables_for(settings).customers,
        [query.select(settings.customer_columns.user_id)],
        OLDEST_FIRST,
        page_size=settings.page_size,
        max_page_size=max(settings.page_size, MAX_PAGE_SIZE),
    )
    async for customer in customers:
        customer_ids[customer.user_id].append(customer.id)
    return [
        duplicate_customers_problem(user_id, ids)
        for user_id, ids in customer_ids.items()
        if user_id and len(ids) > 1
    ]
