"""The person's own settings: the time zone, and signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from interactions_sdk.calendars import get_timezone
from interactions_sdk.desk.pages.routes import PageRoute
from interactions_sdk.desk.rendering import page
from interactions_sdk.desk.visit import ZONE_COOKIE, set_cookie

if TYPE_CHECKING:
    from starlette.responses import Response

    from interactions_sdk.desk.visit import Visit

__all__ = ["ROUTES"]

_YEAR = 365 * 24 * 60 * 60


async def _show(visit: Visit) -> Response:
    zones = sorted(available_timezones())
    return page(visit, "settings", zones=zones)


async def _choose_zone(visit: Visit) -> Response:
    zone = visit.sent("zone")
    get_timezone(zone)
    response = visit.go_back("/", notice="zone")
    set_cookie(visit.request, response, ZONE_COOKIE, zone, max_age=_YEAR)
    return response


async def _sign_out(visit: Visit) -> Response:
    return visit.go("/login")


ROUTES = (
    PageRoute("GET", "/settings", _show),
    PageRoute("POST", "/settings/zone", _choose_zone),
    PageRoute("POST", "/logout", _sign_out, signs_out=True),
)
