"""`desk()`: the application, and access to it."""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from interactions_sdk import AsyncInteractionsClient, InteractionsClient
from interactions_sdk.arguments import check_type
from interactions_sdk.calendars import get_timezone
from interactions_sdk.desk.assets import send_asset
from interactions_sdk.desk.csrf import FIELD, is_from_here, is_own_token
from interactions_sdk.desk.failures import HANDLERS
from interactions_sdk.desk.guard import LOCAL_HOSTS, Guard
from interactions_sdk.desk.identity import Admin, identified
from interactions_sdk.desk.pages import ROUTES
from interactions_sdk.desk.pages.reports import new_picture_cache
from interactions_sdk.desk.rendering import simple_page
from interactions_sdk.desk.sign_in import LocalSignIn, is_local
from interactions_sdk.desk.threads import in_threads
from interactions_sdk.desk.visit import COOKIE, ZONE_COOKIE, Visit, local_url, set_cookie
from interactions_sdk.errors import BadRequestError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import tzinfo

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from interactions_sdk.desk.identity import Identify, Person
    from interactions_sdk.desk.pages.routes import PageRoute

__all__ = ["desk"]

logger = logging.getLogger("interactions_sdk")

_FORM_OVERHEAD = 100_000
"""Maximum size of a form without its file, in bytes."""
_MAX_FIELDS = 60
_MIN_SECRET = 16


def desk(
    crm: AsyncInteractionsClient | InteractionsClient,
    *,
    identify: Identify | None = None,
    acting_as: Person | None = None,
    login_url: str | None = None,
    secret: str | bytes | None = None,
    allowed_hosts: Collection[str] | None = None,
    on_token: Callable[[str], object] | None = None,
) -> ASGIApp:
    """Return an ASGI application in which people see, log and follow up interactions.

    Mount it into your own application with `identify`. Without it, the desk is for one person on
    this machine: it answers only requests to `127.0.0.1` and `localhost`, and requires a one-time
    token, which it logs.

    Args:
        crm: The client, with an API key; an asynchronous one is faster. The application that
            opened it closes it.
        identify: Your login: a function, asynchronous or not, that takes a Starlette request and
            returns the `User` or `Admin` who sent it, or None.
        acting_as: The person who acts without `identify` (default: `Admin("desk")`).
        login_url: The redirect target if `identify` returns None (default: a 401 response).
        secret: The secret for form tokens, 16 characters or more; it must be the same for all
            processes that serve the same people (default: a random one).
        allowed_hosts: The host names that browsers may use (default: any; without `identify`, those
            of this machine).
        on_token: Called with each new one-time token, instead of logging it.

    Raises:
        ConfigurationError: The client has no API key, the secret is too short, or arguments
            contradict each other.

    Example:
        >>> from interactions_sdk import AsyncInteractionsClient
        >>> from interactions_sdk.desk import Admin, desk
        >>> from fastapi import FastAPI
        >>> crm = AsyncInteractionsClient.embedded()
        >>> app = FastAPI()
        >>> app.mount("/desk", desk(crm, identify=lambda request: Admin("root")))
    """
    check_type(
        crm,
        (AsyncInteractionsClient, InteractionsClient),
        "crm",
        "an AsyncInteractionsClient or an InteractionsClient",
        error=ConfigurationError,
    )
    client = in_threads(crm) if isinstance(crm, InteractionsClient) else crm
    if crm.is_signed_in:
        raise ConfigurationError("The desk needs a client with an API key.")
    if identify is not None and (acting_as is not None or on_token is not None):
        raise ConfigurationError("acting_as and on_token cannot be combined with identify.")
    key = secret.encode() if isinstance(secret, str) else secret or secrets.token_bytes(32)
    if len(key) < _MIN_SECRET:
        raise ConfigurationError(f"secret must have {_MIN_SECRET} characters or more.")
    sign_in = None if identify is not None else LocalSignIn(on_token or _log_token)
    if identify is None and allowed_hosts is None:
        allowed_hosts = LOCAL_HOSTS
    admission = _Admission(client, key, identify, acting_as or Admin("desk"), login_url, sign_in)
    routes = [Route("/static/{version}/{name}", send_asset), *map(admission.route, ROUTES)]
    if sign_in is not None:
        routes += [
            Route("/login", admission.show_login),
            Route("/login", admission.log_in, methods=["POST"]),
        ]
    guard = Middleware(
        Guard,
        hosts=allowed_hosts,
        max_body_bytes=crm.settings.attachments_max_bytes + _FORM_OVERHEAD,
    )
    app = Starlette(routes=routes, middleware=[guard], exception_handlers=HANDLERS)
    app.state.streams = 0
    app.state.pictures = new_picture_cache()
    return app


def _log_token(token: str) -> None:
    logger.warning(
        "The desk's one-time token: open /login?token=%s",
        token,
        extra={"interactions_sdk": {"desk": "login"}},  # without the token: indexes keep fields
    )


@dataclass(frozen=True)
class _Admission:
    """Identifies the sender of a request, and admits them."""

    crm: AsyncInteractionsClient
    secret: bytes
    identify: Identify | None
    acting_as: Person
    login_url: str | None
    sign_in: LocalSignIn | None

    def route(self, page: PageRoute) -> Route:
        """Return the route of a page that requires signing in."""

        async def endpoint(request: Request) -> Response:
            person = await self._person(request)
            if person is None:
                return self._refuse(request)
            visit = self._visit(request, person)
            if page.method == "POST":
                response = await self._handle_form(visit, page)
            else:
                response = await page.handler(visit)
            if request.cookies.get(COOKIE) != visit.browser:
                set_cookie(request, response, COOKIE, visit.browser)
            return response

        return Route(page.path, endpoint, methods=[page.method])

    async def _person(self, request: Request) -> Person | None:
        if self.identify is not None:
            return await identified(self.identify, request)
        assert self.sign_in is not None  # noqa: S101 - one of the two is there
        self._require_local(request)
        is_known = self.sign_in.is_signed_in(request.cookies.get(COOKIE, ""))
        return self.acting_as if is_known else None

    def _require_local(self, request: Request) -> None:
        if not is_local(request):
            raise HTTPException(403, "This desk serves this machine only.")

    def _refuse(self, request: Request) -> Response:
        if self.sign_in is not None:
            return RedirectResponse(local_url(request, "/login"), 303)
        if self.login_url is not None:
            return RedirectResponse(self.login_url, 303)
        raise HTTPException(401, "Sign in first.")

    def _visit(self, request: Request, person: Person) -> Visit:
        zone_name, zone = self._zone(person, request.cookies.get(ZONE_COOKIE))
        visit = Visit(
            request,
            self.crm,
            person,
            zone,
            zone_name,
            request.cookies.get(COOKIE) or secrets.token_urlsafe(32),
            self.secret,
            is_zone_known=person.tz is not None or ZONE_COOKIE in request.cookies,
            can_sign_out=self.sign_in is not None,
        )
        request.state.visit = visit
        return visit

    def _zone(self, person: Person, chosen: str | None) -> tuple[str, tzinfo]:
        """Return the zone of the profile, or the chosen one, or that of the settings."""
        for name in filter(None, (person.tz, chosen)):
            with suppress(BadRequestError):  # a cookie of another time
                return name, get_timezone(name)
        name = self.crm.settings.time_zone
        return name, get_timezone(name)

    async def _handle_form(self, visit: Visit, page: PageRoute) -> Response:
        if not is_from_here(visit.request):
            raise HTTPException(403, "This form was sent from another site.")
        largest = self.crm.settings.attachments_max_bytes + _FORM_OVERHEAD
        async with visit.request.form(
            max_files=1, max_fields=_MAX_FIELDS, max_part_size=largest
        ) as visit.form:
            token = visit.sent(FIELD)
            if not is_own_token(token, self.secret, visit.browser, visit.person.id):
                return self._ask_again(visit)
            if page.signs_out and self.sign_in is not None:
                self.sign_in.sign_out(visit.browser)
            return await page.handler(visit)

    def _ask_again(self, visit: Visit) -> Response:
        """Show a form again if its token is stale, for example after a restart."""
        typed = [
            (name, value)
            for name, value in visit.form.multi_items()
            if name != FIELD and isinstance(value, str)
        ]
        token, path = visit.csrf, visit.here
        return simple_page(
            visit.request, "send_again", status=403, typed=typed, token=token, path=path
        )

    async def show_login(self, request: Request) -> Response:
        """Show the form for the token; the link in the terminal fills it in."""
        self._require_local(request)
        return simple_page(
            request, "login", token=request.query_params.get("token", ""), error=None
        )

    async def log_in(self, request: Request) -> Response:
        """Redeem a token."""
        assert self.sign_in is not None  # noqa: S101 - the route exists only then
        self._require_local(request)
        if not is_from_here(request):
            raise HTTPException(403, "This form was sent from another site.")
        if self.sign_in.is_locked:
            error = "Too many wrong tokens. Wait a minute, then try again."
            return simple_page(request, "login", status=429, token="", error=error)
        async with request.form(max_files=0, max_fields=_MAX_FIELDS) as form:
            browser = self.sign_in.redeem(str(form.get("token", "")))
        if browser is None:
            error = "This token is wrong or was already used. Use the newest one."
            return simple_page(request, "login", status=403, token="", error=error)
        response = RedirectResponse(local_url(request, "/"), 303)
        set_cookie(request, response, COOKIE, browser)
        return response
