"""A web service in which users log and read the interactions of their own customer record.

Callers are authenticated by a JWT from Appwrite (`account.createJWT()` in the browser), which the
service sends to Appwrite. User IDs in the request itself are never trusted. Another customer's
interaction raises the same error as one that does not exist.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from datetime import datetime  # noqa: TC003 - FastAPI reads the signatures
from typing import TYPE_CHECKING, Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import APIKeyHeader
from pydantic import ValidationError

from interactions_sdk import (
    APIConnectionError,
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    AsyncPage,
    BadRequestError,
    ConflictError,
    CustomerInteraction,
    InteractionCreate,
    InteractionType,
    InteractionUpdate,
    NotFoundError,
    RateLimitError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

STATUS_OF: dict[type[Exception], int] = {
    NotFoundError: 404,  # OwnershipError, too: with the very same words
    ConflictError: 409,
    BadRequestError: 422,
    ValidationError: 422,
    RateLimitError: 503,
    APIConnectionError: 503,
}


def create_app(
    open_crm: Callable[[], AsyncInteractionsClient] = AsyncInteractionsClient.from_env,
    open_accounts: Callable[[], httpx.AsyncClient] | None = None,
) -> FastAPI:
    """Return the service.

    Args:
        open_crm: Opens the client, once for the process; tests give another one.
        open_accounts: Opens the way to Appwrite's account API, likewise.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_crm() as crm, (open_accounts or accounts_from_env)() as accounts:
            app.state.crm, app.state.accounts = crm, accounts
            yield

    app = FastAPI(title="Interactions", lifespan=lifespan)
    for error, status in STATUS_OF.items():
        app.add_exception_handler(error, answer_with(status))
    app.get("/interactions", response_model_by_alias=False)(find)
    app.post("/interactions", status_code=201, response_model_by_alias=False)(log)
    app.get("/interactions/{id}", response_model_by_alias=False)(get)
    app.patch("/interactions/{id}", response_model_by_alias=False)(update)
    app.delete("/interactions/{id}", status_code=204)(delete)
    app.post("/interactions/{id}/complete", response_model_by_alias=False)(complete)
    app.get("/timeline", response_class=HTMLResponse)(timeline)
    return app


def answer_with(status: int) -> Callable[[Request, Exception], JSONResponse]:
    """Return a handler that responds with this status and the error message."""

    def handle(_: Request, error: Exception) -> JSONResponse:
        if isinstance(error, ValidationError):
            told = error.errors(include_url=False, include_context=False, include_input=False)
            return JSONResponse({"detail": told}, status)
        detail = error.message if isinstance(error, NotFoundError) else str(error)
        return JSONResponse({"detail": detail}, status)

    return handle


def accounts_from_env() -> httpx.AsyncClient:
    """Open the way to the account API of the project that the environment names."""
    return httpx.AsyncClient(
        base_url=os.environ["APPWRITE_ENDPOINT"],
        headers={"X-Appwrite-Project": os.environ["APPWRITE_PROJECT_ID"]},
    )


async def signed_in_user(
    request: Request, jwt: Annotated[str, Depends(APIKeyHeader(name="X-Appwrite-JWT"))]
) -> str:
    """Return the id of the user to whom Appwrite gave the JWT."""
    accounts: httpx.AsyncClient = request.app.state.accounts
    try:
        answer = await accounts.get("/account", headers={"X-Appwrite-JWT": jwt})
    except httpx.TransportError as error:
        raise HTTPException(503, "Appwrite does not answer.") from error
    if answer.is_client_error:
        raise HTTPException(401, "Sign in again.")
    answer.raise_for_status()
    user_id: str = answer.json()["$id"]
    return user_id


def repository(
    request: Request, user_id: Annotated[str, Depends(signed_in_user)]
) -> AsyncInteractionRepository:
    """Return the repository of whoever is calling."""
    crm: AsyncInteractionsClient = request.app.state.crm
    return crm.as_user(user_id)


Repository = Annotated[AsyncInteractionRepository, Depends(repository)]


async def find(
    repo: Repository,
    interaction_type: InteractionType | None = None,
    limit: int = 50,
    after: str | None = None,
) -> AsyncPage[CustomerInteraction]:
    """Return a page, newest first; `after` is the `next_cursor` of the page before."""
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
    """Return the timeline as a page that loads nothing."""
    return HTMLResponse((await repo.timeline(tz=tz)).to_html())
