# ruff: noqa: D100, S101, SIM300, PLR2004 - as in the other tests

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk.testing import assert_audited

if TYPE_CHECKING:
    from conftest import Browser  # type: ignore[import-not-found] # found from here only

    from interactions_sdk import InteractionsClient

pytestmark = pytest.mark.anyio

CALL = {"interaction_type": "call", "subject": "Renewal", "duration": 12}


async def test_a_user_logs_and_reads(browser: Browser, crm: InteractionsClient) -> None:
    """What Ada logs is hers, audited, and on her list."""
    async with browser("ada") as ada:
        logged = (await ada.post("/interactions", json=CALL)).raise_for_status().json()
        listed = (await ada.get("/interactions")).raise_for_status().json()

    assert "ada" == logged["user_id"]
    assert [logged] == listed["items"]
    assert_audited(crm, logged["id"], by="ada")


async def test_a_foreign_interaction_is_like_none(browser: Browser) -> None:
    """Ada's interaction looks to Bob like one that does not exist."""
    async with browser("ada") as ada, browser("bob") as bob:
        id = (await ada.post("/interactions", json=CALL)).json()["id"]
        foreign = await bob.get(f"/interactions/{id}")
        deleted = await bob.delete(f"/interactions/{id}")
        none = await bob.get("/interactions/none")
        hers = await ada.get(f"/interactions/{id}")

    assert [404, 404, 404, 200] == [each.status_code for each in (foreign, deleted, none, hers)]
    assert none.json()["detail"].replace("none", id) == foreign.json()["detail"]


async def test_the_user_is_not_what_the_request_says(browser: Browser) -> None:
    """A JWT that Appwrite does not know opens nothing."""
    async with browser("ada") as ada:
        forged = await ada.get("/interactions", headers={"X-Appwrite-JWT": "ada"})

    assert 401 == forged.status_code


async def test_what_is_wrong_is_named(browser: Browser) -> None:
    """A draft that breaks a rule is a 422 that names the field."""
    async with browser("ada") as ada:
        refused = await ada.post("/interactions", json={"interaction_type": "note"})

    assert 422 == refused.status_code
    assert ["body", "description"] == refused.json()["detail"][0]["loc"]


async def test_who_comes_second_is_told(browser: Browser) -> None:
    """A change that builds on an older state is a 409."""
    async with browser("ada") as ada:
        logged = (await ada.post("/interactions", json=CALL)).json()
        path, seen = f"/interactions/{logged['id']}", {"if_unchanged_since": logged["updated_at"]}
        first = await ada.patch(path, params=seen, json={"outcome": "busy"})
        second = await ada.patch(path, params=seen, json={"outcome": "voicemail"})
        now = await ada.get(path)

    assert (200, 409) == (first.status_code, second.status_code)
    assert "busy" == now.json()["outcome"]


async def test_a_repeated_request_logs_once(browser: Browser, crm: InteractionsClient) -> None:
    """The same idempotency key makes the same interaction."""
    async with browser("ada") as ada:
        once = await ada.post("/interactions", json=CALL | {"idempotency_key": "form-1"})
        again = await ada.post("/interactions", json=CALL | {"idempotency_key": "form-1"})

    assert once.json()["id"] == again.json()["id"]
    assert 1 == crm.as_user("ada").count()


async def test_a_follow_up_is_worked_off(browser: Browser) -> None:
    """A completed follow-up is resolved, and shown on the timeline."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    async with browser("ada") as ada:
        task = CALL | {"interaction_type": "task", "next_action_date": tomorrow}
        id = (await ada.post("/interactions", json=task)).json()["id"]
        done = await ada.post(f"/interactions/{id}/complete", params={"note": "She signed."})
        page = await ada.get("/timeline", params={"tz": "Europe/Zurich"})

    assert "resolved" == done.json()["outcome"]
    assert "Renewal" in page.text
