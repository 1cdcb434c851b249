"""A web service in which users log and read the interactions of their own customer record.

Callers are authenticated by a JWT from Appwrite (`account.createJWT()` in the browser), which the
service sends to Appwrite. User IDs in the request itself are never trusted. After signing up, a
user sends `PUT /customer` once, which creates their customer record. Errors are problem details
(RFC 9457); another customer's interaction looks like one that does not exist.
"""

from __future__ import annotations

import logging
import os
from contextlib import asynccontextmanager
from datetime import datetime  # noqa: TC003 - FastAPI reads the signatures
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import APIKeyHeader

from interactions_sdk import (
    APIConnectionError,
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    AsyncPage,
    Customer,
    CustomerInteraction,
    InteractionCreate,
    InteractionType,
    InteractionUpdate,
    RateLimitError,
    ServerError,
)
from interactions_sdk.integrations.problem_details import HANDLED, ProblemDetails, problem_details

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

logger = logging.getLogger(__name__)


class SignedOutError(Exception):
    """Appwrite does not accept the caller's JWT."""


def create_app(
    open_crm: Callable[[], AsyncInteractionsClient] = AsyncInteractionsClient.from_env,
    open_accounts: Callable[[], httpx.AsyncClient] | None = None,
) -> FastAPI:
    """Return the service.

    Args:
        open_crm: Opens the client, once for the process; tests pass another function.
        open_accounts: Opens the client of Appwrite's account API, likewise.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_crm() as crm, (open_accounts or accounts_from_env)() as accounts:
            app.state.crm, app.state.accounts = crm, accounts
            yield

    app = FastAPI(title="Interactions", lifespan=lifespan)
    for error in (SignedOutError, RequestValidationError, *HANDLED):
        app.add_exception_handler(error, explain)
    app.put("/customer", response_model_by_alias=False)(register)
    app.get("/interactions", response_model_by_alias=False)(find)
    app.post("/interactions", status_code=201, response_model_by_alias=False)(log)
    app.get("/interactions/{id}", response_model_by_alias=False)(get)
    app.patch("/interactions/{id}", response_model_by_alias=False)(update)
    app.delete("/interactions/{id}", status_code=204)(delete)
    app.post("/interactions/{id}/complete", response_model_by_alias=False)(complete)
    app.get("/timeline", response_class=HTMLResponse)(timeline)
    return app


def explain(_: Request, error: Exception) -> JSONResponse:
    """Respond with an explanation for the caller; details for the operator are logged."""
    problem = problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("a request failed", exc_info=error)
    return JSONResponse(problem.to_dict(), problem.status, headers=problem.headers)


def problem_of(error: Exception) -> ProblemDetails:
    """Return the problem details of an error, as the caller sees them."""
    if isinstance(error, SignedOutError):
        return ProblemDetails(401, HTTPStatus(401).phrase, "Sign in again.")
    if isinstance(error, RequestValidationError):
        fields = [{key: each[key] for key in ("loc", "msg", "type")} for each in error.errors()]
        return ProblemDetails(
            422, HTTPStatus(422).phrase, "Some fields are not valid.", tuple(fields)
        )
    return problem_details(error)


def accounts_from_env() -> httpx.AsyncClient:
    """Open the client of the account API of the project in the environment."""
    return httpx.AsyncClient(
        base_url=os.environ["APPWRITE_ENDPOINT"],
        headers={"X-Appwrite-Project": os.environ["APPWRITE_PROJECT_ID"]},
    )


async def signed_in_user(
    request: Request, jwt: Annotated[str, Depends(APIKeyHeader(name="X-Appwrite-JWT"))]
) -> str:
    """Return the ID of the user to whom Appwrite issued the JWT."""
    accounts: httpx.AsyncClient = request.app.state.accounts
    try:
        answer = await accounts.get("/account", headers={"X-Appwrite-JWT": jwt})
    except httpx.TransportError as error:
        raise APIConnectionError("The account API of Appwrite did not answer.") from error
    if not answer.is_success:
        raise account_error(answer)
    user_id: str = answer.json()["$id"]
    return user_id


def account_error(answer: httpx.Response) -> Exception:
    """Return the error for a failed response: only Appwrite's own 401 is about the caller."""
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        seconds = answer.headers.get("retry-after", "")
        return RateLimitError(
            "Appwrite limits the rate.", retry_after=float(seconds) if seconds.isdecimal() else None
        )
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    if answer.status_code == HTTPStatus.UNAUTHORIZED and is_json and "type" in answer.json():
        return SignedOutError()
    return ServerError(
        f"The account API of Appwrite, or a proxy, answered {answer.status_code}.",
        status_code=answer.status_code,
    )


def repository(
    request: Request, user_id: Annotated[str, Depends(signed_in_user)]
) -> AsyncInteractionRepository:
    """Return the repository of the caller."""
    crm: AsyncInteractionsClient = request.app.state.crm
    return crm.as_user(user_id)


UserId = Annotated[str, Depends(signed_in_user)]
Repository = Annotated[AsyncInteractionRepository, Depends(repository)]


async def register(request: Request, user_id: UserId) -> Customer:
    """Create the caller's customer record, or return the one that exists."""
    crm: AsyncInteractionsClient = request.app.state.crm
    return await crm.customers.ensure(user_id)


async def find(
    repo: Repository,
    interaction_type: InteractionType | None = None,
    limit: int = 50,
    after: str | None = None,
) -> AsyncPage[CustomerInteraction]:
    """Return a page, newest first; `after` is the `next_cursor` of the previous page."""
    return await repo.find(interaction_type=interaction_type, limit=limit, after=after)


async def log(repo: Repository, draft: InteractionCreate) -> CustomerInteraction:
    """Log what happened. A client that may repeat the request gives an `idempotency_key`."""
    return await repo.create(draft)


async def get(repo: Repository, id: str) -> CustomerInteraction:
    """Return one interaction."""
    return await repo.get(id)


async def update(
    repo: Repository, id: str, change: InteractionUpdate, if_unchanged_since: datetime | None = None
) -> CustomerInteraction:
    """Change the given fields; with `if_unchanged_since`, only if nobody else has changed any."""
    return await repo.update(id, change, if_unchanged_since=if_unchanged_since)


async def delete(repo: Repository, id: str) -> None:
    """Delete one interaction."""
    await repo.delete(id)


async def complete(repo: Repository, id: str, note: str | None = None) -> CustomerInteraction:
    """Mark a follow-up as done."""
    return await repo.follow_ups.complete(id, note=note)


async def timeline(repo: Repository, tz: str = "UTC") -> HTMLResponse:
    """Return the timeline as a self-contained page."""
    return HTMLResponse((await repo.timeline(tz=tz)).to_html())
