"""The audit log, for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from interactions_sdk.desk.pages.customer_list import require_admin
from interactions_sdk.desk.pages.routes import PageRoute
from interactions_sdk.desk.rendering import page
from interactions_sdk.desk.times import read_days

if TYPE_CHECKING:
    from starlette.responses import Response

    from interactions_sdk.desk.visit import Visit
    from interactions_sdk.filters import AuditFilters

__all__ = ["ROUTES"]

_MOST = 50


async def _show_log(visit: Visit) -> Response:
    await require_admin(visit)
    if visit.crm.settings.audit_table is None:
        raise HTTPException(404, "There is no audit log.")
    query = visit.arguments("actor", "action", "since", "until")
    days = read_days(query, visit.zone)
    filters: AuditFilters = {"since": days.since, "until": days.until}
    if query["actor"]:
        filters["actor"] = query["actor"]
    if query["action"]:
        filters["action"] = query["action"]
    after = visit.argument("after") or None
    entries = await visit.crm.audit.find(limit=_MOST, after=after, **filters)
    customer_ids = {entry.customer_id for entry in entries.items if entry.customer_id}
    return page(
        visit,
        "audit",
        query=query,
        filter_errors=days.errors,
        entries=entries,
        names=await visit.crm.customers.names(customer_ids),
    )


ROUTES = (PageRoute("GET", "/audit", _show_log),)
