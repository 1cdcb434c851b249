"""Rendering templates; every value is escaped with `escaping.html`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from starlette.responses import HTMLResponse

from interactions_sdk import ContactMethod, Direction, InteractionType, Outcome
from interactions_sdk.desk.assets import VERSION
from interactions_sdk.desk.times import input_value, spoken
from interactions_sdk.desk.visit import local_url
from interactions_sdk.escaping.html import Html, element, escape_html, link
from interactions_sdk.identifiers import readable_id

if TYPE_CHECKING:
    from jinja2.runtime import Context
    from starlette.requests import Request

    from interactions_sdk import CustomerInteraction
    from interactions_sdk.desk.visit import Visit

__all__ = ["humanized", "page", "simple_page"]

_TITLE_LENGTH = 80

_NOTICES = {
    "logged": "Logged.",
    "saved": "Saved.",
    "completed": "Done. The follow-up is completed.",
    "planned": "Done, and the next one is planned.",
    "snoozed": "Snoozed.",
    "skipped": "Skipped: it is due at its next date.",
    "stopped": "It no longer repeats.",
    "cancelled": "The follow-up is cancelled.",
    "deleted": "Deleted.",
    "attached": "The file is attached.",
    "detached": "The file is removed.",
    "created": "The customer is created.",
    "updated": "The customer is changed.",
    "zone": "Times are shown in your zone.",
}
"""Notices about completed actions, by their name in the URL."""


def humanized(value: str | None) -> str:
    """Return an enum's value as people write it.

    Example:
        >>> humanized("no_answer")
        'No answer'
    """
    return (value or "").replace("_", " ").capitalize()


def title_of(interaction: CustomerInteraction) -> str:
    """Return the subject, or a substitute."""
    subject = (interaction.subject or "").strip()
    line = subject or " ".join((interaction.description or "").split())
    return line if len(line) <= _TITLE_LENGTH or subject else f"{line[:_TITLE_LENGTH]}…"


def _escaped(value: object) -> object:
    return value if hasattr(value, "__html__") else Html(escape_html(str(value)))


def _external_link(url: str) -> Html:
    return link(url, url)


@pass_context
def _time(context: Context, moment: datetime) -> Html:
    """Return a time in the person's zone, with the exact one for machines and on hover."""
    visit: Visit = context["visit"]
    local = moment.astimezone(visit.zone)
    shown = spoken(moment, visit.zone, now=visit.now)
    exact = f"{local:%Y-%m-%d %H:%M} {visit.zone_name}"
    return element("time", shown, datetime=local.isoformat(timespec="minutes"), title=exact)


@pass_context
def _plain(context: Context, value: object) -> str | Html:
    """Return a value of the audit log for people."""
    if isinstance(value, datetime):
        return _time(context, value)
    return "nothing" if value in (None, "") else str(value)


@pass_context
def _input_time(context: Context, moment: datetime | None) -> str:
    return input_value(moment, context["visit"].zone)


_environment = Environment(
    loader=PackageLoader("interactions_sdk.desk"),
    autoescape=True,
    finalize=_escaped,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_FILTERS: dict[str, Any] = {
    "humanized": humanized,
    "title_of": title_of,
    "time": _time,
    "input_time": _input_time,
    "plain": _plain,
    "readable_id": readable_id,
    "external_link": _external_link,
}
_REPEATS = {
    "FREQ=DAILY": "every day",
    "FREQ=WEEKLY": "every week",
    "FREQ=WEEKLY;INTERVAL=2": "every two weeks",
    "FREQ=MONTHLY": "every month",
    "FREQ=YEARLY": "every year",
}
_CONSTANTS: dict[str, Any] = {
    "VERSION": VERSION,
    "TYPES": list(InteractionType),
    "QUICK_TYPES": list(InteractionType)[:5],
    "METHODS": list(ContactMethod),
    "DIRECTIONS": list(Direction),
    "OUTCOMES": list(Outcome),
    "REPEATS": _REPEATS,
}
_environment.filters.update(_FILTERS)
_environment.globals.update(_CONSTANTS)


def page(visit: Visit, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page for someone who is signed in, from the template of a name without `.html`."""
    notice = _NOTICES.get(visit.argument("notice"))
    text = _environment.get_template(f"{template}.html").render(
        visit=visit, url=visit.url, notice=notice, **values
    )
    return HTMLResponse(text, status)


def simple_page(
    request: Request, template: str, *, status: int = 200, **values: object
) -> HTMLResponse:
    """Return a page for someone who is not signed in or unknown."""

    def url(path: str, **query: str | int | None) -> str:
        return local_url(request, path, **query)

    text = _environment.get_template(f"{template}.html").render(
        visit=None, url=url, notice=None, **values
    )
    return HTMLResponse(text, status)
