"""The context of a page: one request of one person."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse

from interactions_sdk.calendars import add_days, start_of_day
from interactions_sdk.datetimes import utc_now
from interactions_sdk.desk.csrf import csrf_token

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from starlette.requests import Request
    from starlette.responses import Response

    from interactions_sdk import AsyncInteractionRepository, AsyncInteractionsClient
    from interactions_sdk.desk.identity import Person

__all__ = ["COOKIE", "ZONE_COOKIE", "Visit", "local_url", "set_cookie"]

COOKIE = "interactions_desk"
ZONE_COOKIE = "interactions_desk_zone"
_MORNING_HOUR = 9

_LOCAL_PATH = re.compile(r"/(?![/\\])[\w\-./?=&%+]*", re.ASCII)


def local_url(request: Request, path: str, **query: str | int | None) -> str:
    """Return the URL of a page such as `/customers`, wherever the desk is mounted.

    None and empty values are left out of the query.
    """
    values = {name: value for name, value in query.items() if value not in (None, "")}
    joiner = "&" if "?" in path else "?"
    addition = joiner + urlencode(values) if values else ""
    return f"{request.scope.get('root_path', '')}{path}{addition}"


def set_cookie(
    request: Request, response: Response, name: str, value: str, *, max_age: int | None = None
) -> None:
    """Set a cookie that scripts cannot read and that other sites cannot send with a form."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=request.scope.get("root_path") or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


@dataclass
class Visit:
    """A request of someone who is signed in.

    Attributes:
        browser: The cookie of their browser.
        secret: The secret for form tokens.
        is_zone_known: Whether they have chosen the zone, or their profile has one.
        can_sign_out: Whether they signed in to the desk itself.
        form: The form they sent; empty if there is none.
    """

    request: Request
    crm: AsyncInteractionsClient
    person: Person
    zone: tzinfo
    zone_name: str
    browser: str
    secret: bytes = field(repr=False)
    is_zone_known: bool = False
    can_sign_out: bool = False
    form: FormData = field(default_factory=FormData)
    now: datetime = field(default_factory=utc_now)

    @cached_property
    def repo(self) -> AsyncInteractionRepository:
        """The repository of the person."""
        return self.person.repository(self.crm)

    async def verify(self) -> None:
        """Let the library verify the person, with no other requests.

        The result is cached, so that concurrent reads do not verify again.
        """
        await self.repo.count(customer_id=[])

    @cached_property
    def csrf(self) -> str:
        """A token for the forms of this page."""
        return csrf_token(self.secret, self.browser, self.person.id)

    @property
    def here(self) -> str:
        """The page's path and query within the desk, to return to after a form."""
        url = self.request.url
        path = url.path.removeprefix(self.request.scope.get("root_path", ""))
        return f"{path}?{url.query}" if url.query else path

    @property
    def pages(self) -> list[tuple[str, str]]:
        """The pages that the person can open, by path."""
        if self.person.is_admin:
            pages = [("/", "Today"), ("/customers", "Customers"), ("/reports", "Reports")]
            has_log = self.crm.settings.audit_table is not None
            return [*pages, ("/audit", "Who did what")] if has_log else pages
        return [("/", "Today"), ("/me", "My record"), ("/reports", "Reports")]

    @property
    def section(self) -> str:
        """The path of the page that this one belongs to."""
        first = "/" + self.here.partition("?")[0].split("/")[1]
        own = "/customers" if self.person.is_admin else "/me"
        return own if first in {"/customers", "/interactions"} else first

    def morning(self, days: int) -> datetime:
        """Return nine o'clock in some days."""
        return add_days(start_of_day(self.now, self.zone), days).replace(hour=_MORNING_HOUR)

    def url(self, path: str, **query: str | int | None) -> str:
        """Return the URL of a page; see `local_url`."""
        return local_url(self.request, path, **query)

    @property
    def id(self) -> str:
        """The ID in the page's path."""
        id: str = self.request.path_params["id"]
        return id

    def arguments(self, *names: str) -> dict[str, str]:
        """Return values of the URL's query by name; see `argument`."""
        return {name: self.argument(name) for name in names}

    def argument(self, name: str) -> str:
        """Return a value of the URL's query, without surrounding blanks."""
        return self.request.query_params.get(name, "").strip()

    def sent(self, name: str) -> str:
        """Return a text of the form."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    def file(self, name: str) -> UploadFile | None:
        """Return a file of the form, if one was chosen."""
        value = self.form.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def go(self, path: str, **query: str | None) -> RedirectResponse:
        """Return a redirect to a page, which is then read with GET."""
        return RedirectResponse(self.url(path, **query), 303)

    def go_back(self, default: str, *, notice: str) -> RedirectResponse:
        """Return a redirect to the page that the form was on."""
        path = self.sent("back")
        path = re.sub(r"([?&])notice=\w*&?", r"\1", path).rstrip("?&")
        return self.go(path if _LOCAL_PATH.fullmatch(path) else default, notice=notice)
