"""Reports: plots as pictures, and the same numbers as tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.responses import Response

from interactions_sdk.caching import Cache
from interactions_sdk.desk.pages.routes import PageRoute
from interactions_sdk.desk.rendering import page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from interactions_sdk import CustomerInteraction
    from interactions_sdk.desk.visit import Visit

__all__ = ["ROUTES", "new_picture_cache"]

_PERIODS = (30, 90, 365)
_DEFAULT_PERIOD = 90
_MOST = 4_999
"""Maximum number of interactions in a report, which one request can read."""
_CACHE_SECONDS = 60
_MAX_PICTURES = 128
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

_Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class _Report:
    """A report that can be shown.

    Attributes:
        function: The function of `interactions_sdk.reports`.
        options: Arguments of the function.
        has_tz: Whether its numbers depend on the zone.
    """

    function: str
    title: str
    about: str
    options: tuple[tuple[str, object], ...] = ()
    has_tz: bool = True


_REPORTS = {
    "by-type": _Report(
        "by_type", "Interactions by type", "How many of each type, by week.", (("every", "1w"),)
    ),
    "follow-ups": _Report(
        "follow_up_completion", "Follow-ups", "How many were completed in time, late or not yet."
    ),
    "activity": _Report("user_activity", "Activity", "Who logged how many, by period."),
    "engagement": _Report(
        "engagement", "Engagement", "How closely you are in contact with customers.", has_tz=False
    ),
    "week": _Report("heatmap", "The week", "On which days and at which hours you were in contact."),
}


async def _show_all(visit: Visit) -> Response:
    return page(
        visit,
        "reports",
        reports=_REPORTS if find_spec("polars") else {},
        days=_days(visit),
        periods=_PERIODS,
    )


async def _show_table(visit: Visit) -> Response:
    report = _report(visit)
    sample, is_cut = await _sample(visit)
    result = await to_thread.run_sync(_compute, sample, report, visit.zone)
    rows: list[dict[str, Any]] = result.to_dicts()
    return page(
        visit,
        "report",
        report=report,
        name=visit.request.path_params["name"],
        days=_days(visit),
        columns=list(rows[0]) if rows else [],
        rows=[[_cell(value) for value in row.values()] for row in rows],
        is_cut=is_cut,
        most=_MOST,
    )


async def _show_picture(visit: Visit) -> Response:
    """Draw a plot; the browser keeps it for a minute, and so does the desk."""
    theme: _Theme = "dark" if visit.argument("theme") == "dark" else "light"
    report = _report(visit)
    pictures: Cache[tuple[object, ...], str] = visit.request.app.state.pictures
    person = (visit.person.id, visit.person.is_admin, visit.zone_name)
    key = (*person, report.function, _days(visit), theme)
    picture = pictures.get(key)
    if picture is None:
        sample, _ = await _sample(visit)
        picture = await to_thread.run_sync(_draw, sample, report, visit.zone, theme)
        pictures.put(key, picture)
    headers = {
        "content-security-policy": _PICTURE_POLICY,
        "cache-control": f"private, max-age={_CACHE_SECONDS}",
    }
    return Response(picture, media_type="image/svg+xml", headers=headers)


def _report(visit: Visit) -> _Report:
    report = _REPORTS.get(visit.request.path_params["name"])
    if report is None:
        raise HTTPException(404, "There is no such report.")
    return report


def _days(visit: Visit) -> int:
    days = visit.argument("days")
    return int(days) if days in map(str, _PERIODS) else _DEFAULT_PERIOD


async def _sample(visit: Visit) -> tuple[Sequence[CustomerInteraction], bool]:
    """Return the newest interactions of the period, and whether there are older ones in it."""
    since = visit.now - timedelta(days=_days(visit))
    newest = await visit.repo.find(since=since, limit=_MOST)
    return newest.items, newest.has_more


def _compute(sample: Sequence[CustomerInteraction], report: _Report, zone: tzinfo) -> Any:  # noqa: ANN401 - a frame
    from interactions_sdk import reports  # noqa: PLC0415 - it takes half a second to load

    options = {**dict(report.options), **({"tz": zone} if report.has_tz else {})}
    return getattr(reports, report.function)(reports.frame(sample), **options)


def _draw(
    sample: Sequence[CustomerInteraction], report: _Report, zone: tzinfo, theme: _Theme
) -> str:
    from interactions_sdk import reports  # noqa: PLC0415 - see above

    chart: Any = reports.plot(_compute(sample, report, zone), theme=theme)
    return str(chart.to_svg())


def _cell(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float):
        return f"{value:.2f}"
    return "" if value is None else str(value)


ROUTES = (
    PageRoute("GET", "/reports", _show_all),
    PageRoute("GET", "/reports/{name}", _show_table),
    PageRoute("GET", "/reports/{name}/plot.svg", _show_picture),
)


def new_picture_cache() -> Cache[tuple[object, ...], str]:
    """Return a cache of drawn plots, for one desk."""
    return Cache(ttl=_CACHE_SECONDS, size=_MAX_PICTURES)
