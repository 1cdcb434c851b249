# ruff: noqa: D100, S101, SIM300, PLR2004 - as in the other tests

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from interactions_sdk.testing import Fault, assert_audited

if TYPE_CHECKING:
    from conftest import Browser, OpenService, Outage  # type: ignore[import-not-found] # found from here only

    from interactions_sdk import InteractionsClient
    from interactions_sdk.testing.fixtures import AsyncFaultyClientFactory

pytestmark = pytest.mark.anyio

CALL = {"interaction_type": "call", "subject": "Renewal", "duration": 12}


async def test_a_user_logs_and_reads(browser: Browser, crm: InteractionsClient) -> None:
    """An interaction that Ada logs is hers, audited, and on her list."""
    async with browser("ada") as ada:
        logged = (await ada.post("/interactions", json=CALL)).raise_for_status().json()
        listed = (await ada.get("/interactions")).raise_for_status().json()

    assert "ada" == logged["user_id"]
    assert [logged] == listed["items"]
    assert_audited(crm, logged["id"], by="ada")


async def test_a_foreign_interaction_is_like_none(browser: Browser) -> None:
    """To Bob, Ada's interaction looks like one that does not exist."""
    async with browser("ada") as ada, browser("bob") as bob:
        id = (await ada.post("/interactions", json=CALL)).json()["id"]
        foreign = await bob.get(f"/interactions/{id}")
        deleted = await bob.delete(f"/interactions/{id}")
        none = await bob.get("/interactions/none")
        hers = await ada.get(f"/interactions/{id}")

    assert [404, 404, 404, 200] == [each.status_code for each in (foreign, deleted, none, hers)]
    assert none.json()["detail"].replace("none", id) == foreign.json()["detail"]


async def test_the_user_is_not_what_the_request_says(browser: Browser) -> None:
    """A JWT that Appwrite did not issue is rejected."""
    async with browser("ada") as ada:
        forged = await ada.get("/interactions", headers={"X-Appwrite-JWT": "ada"})

    assert 401 == forged.status_code
    assert "application/problem+json" == forged.headers["content-type"]
    assert "Sign in again." == forged.json()["detail"]


async def test_a_new_user_gets_a_customer_record(browser: Browser) -> None:
    """Eve has just signed up; a second request returns the same record."""
    async with browser("eve") as eve:
        too_early = await eve.post("/interactions", json=CALL)
        once = (await eve.put("/customer")).raise_for_status().json()
        again = (await eve.put("/customer")).raise_for_status().json()
        logged = await eve.post("/interactions", json=CALL)

    assert (404, 201) == (too_early.status_code, logged.status_code)
    assert "eve" == once["user_id"]
    assert once == again


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.SERVER_ERROR_BEFORE_WRITE, 502),
        (Fault.BAD_GATEWAY_BEFORE_WRITE, 502),
        (Fault.UNAVAILABLE_BEFORE_WRITE, 502),
        (Fault.NOT_JSON_BEFORE_WRITE, 502),
        (Fault.RATE_LIMITED, 503),
        (Fault.REFUSED, 503),
    ],
)
async def test_an_outage_of_the_database_is_a_502_or_503(
    open_service: OpenService,
    make_faulty_async_crm: AsyncFaultyClientFactory,
    fault: Fault,
    status: int,
) -> None:
    """The response has problem details, without an address."""
    async with (
        open_service(make_faulty_async_crm(fault, count=None)) as browser,
        browser("ada") as ada,
    ):
        failed = await ada.get("/interactions")

    assert status == failed.status_code == failed.json()["status"]
    assert "http" not in failed.json()["detail"]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (httpx.Response(404, text="No such route: http://10.0.0.7"), 502),  # of a proxy
        (httpx.Response(401, text="Basic authentication required"), 502),  # of a proxy
        (httpx.Response(401, json={"error": "no token"}), 502),  # of a gateway
        (httpx.Response(404, json={"type": "project_not_found", "message": "10.0.0.7"}), 502),
        (httpx.Response(500, text="http://10.0.0.7"), 502),
        (httpx.Response(502, text="http://10.0.0.7"), 502),
        (httpx.Response(503, text="http://10.0.0.7"), 502),
        (httpx.Response(429, headers={"retry-after": "7"}), 503),
        (httpx.Response(429, headers={"retry-after": "Sat, 28 Nov 2026 12:00:00 GMT"}), 503),
        (httpx.ConnectError("http://10.0.0.7 refused the connection"), 503),
    ],
)
async def test_an_outage_is_not_the_callers_fault(
    browser: Browser, outage: Outage, answer: httpx.Response | httpx.TransportError, status: int
) -> None:
    """The caller is not asked to sign in again, and the response contains no address."""
    async with browser("ada") as ada:
        outage.answer = answer
        failed = await ada.get("/interactions")

    assert status == failed.status_code == failed.json()["status"]
    assert "application/problem+json" == failed.headers["content-type"]
    assert "10.0.0.7" not in failed.text
    waits = isinstance(answer, httpx.Response) and answer.headers.get("retry-after") == "7"
    assert ("7" if waits else None) == failed.headers.get("retry-after")


async def test_what_is_wrong_is_named(browser: Browser) -> None:
    """An invalid draft causes a 422 that names the field."""
    async with browser("ada") as ada:
        refused = await ada.post("/interactions", json={"interaction_type": "note"})

    assert 422 == refused.status_code
    assert ["body", "description"] == refused.json()["errors"][0]["loc"]
    assert "input" not in refused.json()["errors"][0]


async def test_who_comes_second_is_told(browser: Browser) -> None:
    """An update of an older state is a 409."""
    async with browser("ada") as ada:
        logged = (await ada.post("/interactions", json=CALL)).json()
        path, seen = f"/interactions/{logged['id']}", {"if_unchanged_since": logged["updated_at"]}
        first = await ada.patch(path, params=seen, json={"outcome": "busy"})
        second = await ada.patch(path, params=seen, json={"outcome": "voicemail"})
        now = await ada.get(path)

    assert (200, 409) == (first.status_code, second.status_code)
    assert "busy" == now.json()["outcome"]


async def test_a_repeated_request_logs_once(browser: Browser, crm: InteractionsClient) -> None:
    """Requests with the same idempotency key create one interaction."""
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
