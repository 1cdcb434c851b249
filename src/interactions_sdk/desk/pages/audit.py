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
_FILTERS = ("actor", "action", "since", "until")


async def _show_log(visit: Visit) -> Response:
    await require_admin(visit)
    if visit.crm.settings.audit_table is None:
        raise HTTPException(404, "There is no audit log.")
    asked = {name: visit.argument(name) for name in _FILTERS}
    days = read_days(asked, visit.zone)
    filters: AuditFilters = {"since": days.since, "until": days.until}
    if asked["actor"]:
        filters["actor"] = asked["actor"]
    if asked["action"]:
        filters["action"] = asked["action"]
    after = visit.argument("after") or None
    found = await visit.crm.audit.find(limit=_MOST, after=after, **filters)
    return page(
        visit,
        "audit",
        asked=asked,
        filter_errors=days.errors,
        found=found,
        names=await visit.crm.customers.names(
            {each.customer_id for each in found.items if each.customer_id}
        ),
    )


ROUTES = (PageRoute("GET", "/audit", _show_log),)
