"""FastAPI returns pages and reads drafts, with names in either spelling."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from interactions_sdk import (
    AsyncInteractionsClient,
    AsyncPage,
    CustomerInteraction,
    InteractionCreate,
    InteractionsClient,
    InteractionUpdate,
    Page,
)

pytestmark = pytest.mark.anyio


def service(crm: InteractionsClient, acrm: AsyncInteractionsClient, **switch: bool) -> FastAPI:
    """Return a service of both clients, optionally with `response_model_by_alias`."""
    app = FastAPI()

    @app.get("/interactions", **switch)  # type: ignore[arg-type]
    def find(after: str | None = None) -> Page[CustomerInteraction]:
        return crm.as_user("ada").find(limit=2, after=after)

    @app.get("/async", **switch)  # type: ignore[arg-type]
    async def afind() -> AsyncPage[CustomerInteraction]:
        return await acrm.as_user("ada").find(limit=2)

    @app.post("/interactions", **switch)  # type: ignore[arg-type]
    def log(draft: InteractionCreate) -> CustomerInteraction:
        return crm.as_user("ada").create(draft)

    @app.patch("/interactions/{id}", **switch)  # type: ignore[arg-type]
    def change(id: str, update: InteractionUpdate) -> CustomerInteraction:
        return crm.as_user("ada").update(id, update)

    return app


@pytest.mark.parametrize(
    ("switch", "row_id", "cursor", "more", "action"),
    [
        ({"response_model_by_alias": False}, "id", "next_cursor", "has_more", "next_action"),
        ({}, "$id", "nextCursor", "hasMore", "nextAction"),
    ],
)
async def test_one_switch_spells_all_models(
    switch: dict[str, bool], row_id: str, cursor: str, more: str, action: str
) -> None:
    """The option applies to pages and items of both clients."""
    with InteractionsClient.embedded() as crm:
        async with AsyncInteractionsClient.embedded() as acrm:
            crm.customers.ensure("ada")
            await acrm.customers.ensure("ada")
            for number in range(3):
                crm.as_user("ada").log_call(str(number), next_action="Call")
                await acrm.as_user("ada").log_call(str(number))
            app = service(crm, acrm, **switch)
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
                first = (await http.get("/interactions")).json()
                second = (await http.get("/interactions", params={"after": first[cursor]})).json()
                from_async = (await http.get("/async")).json()
                schemas = (await http.get("/openapi.json")).json()["components"]["schemas"]

    assert (True, False) == (first[more], second[more])
    assert ["2", "1", "0"] == [each["subject"] for each in first["items"] + second["items"]]
    assert "Call" == first["items"][0][action]
    assert first.keys() == from_async.keys()
    if not switch:  # FastAPI always documents the aliases
        assert first.keys() == schemas["Page_CustomerInteraction_"]["properties"].keys()
    assert row_id in first["items"][0]


@pytest.mark.parametrize(
    ("draft", "change"),
    [
        (
            {"interaction_type": "call", "next_action": "Offer", "contact_method": "phone"},
            {"next_action": None},
        ),
        (
            {"interactionType": "call", "nextAction": "Offer", "contactMethod": "phone"},
            {"nextAction": None},
        ),
    ],
)
async def test_requests_have_either_spelling(draft: Any, change: Any) -> None:
    """Requests may use either spelling, whatever the responses use."""
    with InteractionsClient.embedded() as crm:
        async with AsyncInteractionsClient.embedded() as acrm:
            crm.customers.ensure("ada")
            transport = httpx.ASGITransport(service(crm, acrm))
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
                logged = (await http.post("/interactions", json=draft)).json()
                changed = await http.patch(f"/interactions/{logged['$id']}", json=change)

    assert ("Offer", None) == (logged["nextAction"], changed.json()["nextAction"])
