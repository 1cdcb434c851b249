"""Tools for agents, called with the protocol's own client."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from mcp import Client, StdioServerParameters

from interactions_sdk import (
    AsyncInteractionsClient,
    ConfigurationError,
    InteractionsClient,
    RetryPolicy,
    Settings,
)
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.integrations.mcp_server import VIA, mcp_server
from interactions_sdk.testing import Fault, FaultyTransport
from tests.waiting import LIMIT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from mcp.server import MCPServer

pytestmark = pytest.mark.anyio

SETTINGS = Settings(audit_via=VIA)
DUE = "2040-05-01T10:00:00+00:00"
READING = ["find", "follow_ups", "report", "search_customers", "timeline"]
WRITING = ["complete", "log", "snooze"]


@pytest.fixture
async def crm() -> AsyncIterator[AsyncInteractionsClient]:
    """Return a client with two customers and an interaction of each."""
    async with AsyncInteractionsClient.embedded(settings=SETTINGS) as client:
        for user_id, name in (("ada", "Ada Lovelace"), ("bob", "Bob")):
            await client.customers.ensure(user_id, name=name)
            await client.as_user(user_id).log_call(f"Call of {user_id}", outcome="successful")
        yield client


async def call(server: MCPServer[Any], tool: str, **arguments: object) -> Any:
    """Call a tool, and return its result."""
    async with Client(server) as client:
        result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content.get("result", result.structured_content)


async def refusal(server: MCPServer[Any], tool: str, **arguments: object) -> str:
    """Call a tool that fails, and return its message."""
    async with Client(server) as client:
        result = await client.call_tool(tool, arguments)
    assert result.is_error
    return "".join(getattr(each, "text", "") for each in result.content)


@pytest.mark.parametrize(("write", "tools"), [(False, READING), (True, READING + WRITING)])
async def test_writing_has_to_be_allowed(
    crm: AsyncInteractionsClient, *, write: bool, tools: list[str]
) -> None:
    """Writing tools exist only if writing is allowed, and each tool declares whether it writes."""
    async with Client(mcp_server(crm, admin_id="root", write=write)) as client:
        found = (await client.list_tools()).tools

    assert sorted(tools) == sorted(each.name for each in found)
    assert {name: name in READING for name in tools} == {
        each.name: each.annotations is not None and each.annotations.read_only_hint
        for each in found
    }


async def test_texts_are_marked_as_data(crm: AsyncInteractionsClient) -> None:
    """Recorded texts are only under `recorded_text`, as the instructions explain."""
    server = mcp_server(crm, admin_id="root")
    assert "`recorded_text`" in str(server.instructions)

    for shown in await call(server, "timeline"):
        text = shown.pop("recorded_text")
        assert text["subject"].startswith("Call of")
        assert "Call of" not in json.dumps(shown)
    [ada] = await call(server, "search_customers", text="lovelace")
    assert "Ada Lovelace" == ada.pop("recorded_text")["name"]
    assert "Lovelace" not in json.dumps(ada)


async def test_a_user_sees_its_own_only(crm: AsyncInteractionsClient) -> None:
    """Tools and resources of a user contain only their own interactions."""
    server = mcp_server(crm, user_id="ada")
    ada = await crm.customers.get_by_user_id("ada")
    bob = await crm.customers.get_by_user_id("bob")

    assert [ada.id] == [each["id"] for each in await call(server, "search_customers", text="bob")]
    for tool in ("timeline", "find"):
        assert {ada.id} == {each["customer_id"] for each in await call(server, tool)}
    async with Client(server) as client:
        resource = await client.read_resource(f"customer://{ada.id}")
        assert ada.id in getattr(resource.contents[0], "text", "")
        with pytest.raises(Exception, match=r"(?i)customer not found|error"):
            await client.read_resource(f"customer://{bob.id}")


async def test_a_customer_is_a_resource(crm: AsyncInteractionsClient) -> None:
    """A customer is a JSON resource with the latest interactions."""
    bob = await crm.customers.get_by_user_id("bob")
    async with Client(mcp_server(crm, admin_id="root")) as client:
        resource = await client.read_resource(f"customer://{bob.id}")

    shown = json.loads(getattr(resource.contents[0], "text", ""))
    assert (bob.id, 1) == (shown["id"], len(shown["interactions"]))


async def test_what_is_written_has_a_key_and_is_audited(crm: AsyncInteractionsClient) -> None:
    """A repeated key writes once, and the audit log names the actor and the program."""
    server = mcp_server(crm, user_id="ada", write=True)
    draft = {"interaction_type": "call", "subject": "Renewal", "next_action_date": DUE}
    first = await call(server, "log", key="k1", **draft)
    assert first == await call(server, "log", key="k1", **draft)

    later = await call(server, "snooze", key="k2", id=first["id"], until="2041-05-01T10:00Z")
    assert "2041-05-01T10:00:00+00:00" == later["next_action_date"]
    done = await call(server, "complete", key="k3", id=first["id"], note="They agreed.")
    assert "resolved" == done["outcome"]

    entries = [each async for each in crm.audit.iterate(entity=first["id"])]
    assert 3 == len(entries)
    assert all(VIA == json.loads(each.details or "{}")["via"] for each in entries)
    assert {"ada"} == {each.user_id for each in entries}
    await crm.as_user("ada").delete(first["id"])
    [last] = [each async for each in crm.audit.iterate(action="interaction.deleted")]
    assert VIA == json.loads(last.details or "{}")["via"]


async def test_a_repeated_key_does_not_undo_what_a_person_did_since(
    crm: AsyncInteractionsClient,
) -> None:
    """A repeated key returns the first result; with other arguments, it is rejected."""
    server = mcp_server(crm, user_id="ada", write=True)
    ada = crm.as_user("ada")
    task = await ada.log_task("Call back", next_action_date=DUE)
    snoozed = await call(server, "snooze", key="k", id=task.id, until="2041-05-01T10:00Z")
    await ada.follow_ups.snooze(task.id, until="2042-05-01T10:00Z")

    assert snoozed == await call(server, "snooze", key="k", id=task.id, until="2041-05-01T10:00Z")
    assert 2042 == (await ada.get(task.id)).next_action_date.year  # type: ignore[union-attr]
    assert "another one" in await refusal(server, "complete", key="k", id=task.id)


@pytest.mark.parametrize("due", ["overdue", "today", "this_week", "upcoming"])
async def test_follow_ups_are_listed(crm: AsyncInteractionsClient, due: str) -> None:
    """A follow-up in the year 2040 is in none of the periods."""
    server = mcp_server(crm, admin_id="root")
    ada = await crm.customers.get_by_user_id("ada")
    for number in range(3):
        repo = crm.as_user("ada" if number else "bob")
        made = await repo.log_task(f"Task {number}", next_action_date="2040-05-01T10:00:00Z")
        assert made.is_open_follow_up

    found = await call(server, "follow_ups", due=due, customer_id=ada.id, limit=1)
    assert [] == found


async def test_upcoming_follow_ups(crm: AsyncInteractionsClient) -> None:
    """Upcoming follow-ups are sorted by due date."""
    now = datetime.now(UTC)
    for days in (2, 1, 3):
        await crm.as_user("ada").log_task(f"In {days}", next_action_date=now + timedelta(days=days))
    found = await call(mcp_server(crm, user_id="ada"), "follow_ups", due="upcoming", limit=2)
    assert ["In 1", "In 2"] == [each["recorded_text"]["subject"] for each in found]
    bob = await crm.customers.get_by_user_id("bob")
    admin = mcp_server(crm, admin_id="root")
    assert [] == await call(admin, "follow_ups", due="upcoming", customer_id=bob.id)


async def test_a_report_comes_as_rows(crm: AsyncInteractionsClient) -> None:
    """A report covers the interactions that the actor may see."""
    answer = await call(mcp_server(crm, admin_id="root"), "report", name="by_type")
    [row] = json.loads(answer)
    assert ("call", 2) == (row["interaction_type"], row["interactions"])


async def test_a_report_has_a_limit(
    crm: AsyncInteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message suggests a shorter period."""
    monkeypatch.setattr("interactions_sdk.integrations.mcp_server._REPORT_ROWS", 1)
    said = await refusal(mcp_server(crm, admin_id="root"), "report", name="by_type")
    assert "shorter period" in said


async def test_a_report_without_its_extra(
    crm: AsyncInteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the extra."""
    monkeypatch.delattr("interactions_sdk.reports", raising=False)
    monkeypatch.setitem(sys.modules, "interactions_sdk.reports", None)
    said = await refusal(mcp_server(crm, admin_id="root"), "report", name="by_type")
    assert "extra `reports`" in said


async def test_errors_are_explained(crm: AsyncInteractionsClient) -> None:
    """Invalid fields are named, and missing interactions are reported as not found."""
    server = mcp_server(crm, user_id="ada", write=True)
    assert "description" in await refusal(server, "log", key="k", interaction_type="note")
    assert "could not be found" in await refusal(server, "complete", key="k", id="nothing")


async def test_an_outage_says_whether_to_repeat() -> None:
    """If a call may have been applied, the agent is asked to repeat it with the same key."""
    settings = Settings(audit_via=VIA, verify_users=False)
    server = start_embedded_server(":memory:", settings)
    transport = FaultyTransport(server.transport, Fault.TIMEOUT_AFTER_WRITE, first=5, count=None)
    async with AsyncInteractionsClient(
        "http://10.0.0.7/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=transport,
        retry=RetryPolicy(retries=0),
    ) as crm:
        await crm.customers.ensure("ada")
        tools = mcp_server(crm, user_id="ada", write=True)
        said = await refusal(tools, "log", key="k", interaction_type="call")
    server.close()
    assert said.endswith("It may have been applied. Repeat it with the same key.")
    assert "10.0.0.7" not in said


@pytest.mark.parametrize("actor", [{}, {"user_id": "ada", "admin_id": "root"}])
async def test_an_agent_acts_as_one(crm: AsyncInteractionsClient, actor: dict[str, str]) -> None:
    """An agent acts either as a user or as an admin."""
    with pytest.raises(ConfigurationError, match="either user_id or admin_id"):
        mcp_server(crm, **actor)  # type: ignore[arg-type]


async def test_writing_needs_a_client_that_names_it() -> None:
    """Without `audit_via`, the audit log would not distinguish agents from people."""
    async with AsyncInteractionsClient.embedded() as plain:
        with pytest.raises(ConfigurationError, match="audit_via='mcp'"):
            mcp_server(plain, admin_id="root", write=True)


async def test_over_standard_input_and_output(tmp_path: Path) -> None:
    """The command serves tools over standard input and output."""
    database = tmp_path / "crm.db"
    with InteractionsClient.embedded(database) as sync:
        sync.customers.ensure("ada")
        sync.as_user("ada").log_call("Renewal")
    command = ["-m", "interactions_sdk.cli", "mcp", "--user", "ada", "--embedded", str(database)]
    parameters = StdioServerParameters(command=sys.executable, args=command)
    async with Client(parameters, read_timeout_seconds=LIMIT) as client:
        result = await client.call_tool("timeline", {})

    assert result.structured_content is not None
    [shown] = result.structured_content["result"]
    assert "Renewal" == shown["recorded_text"]["subject"]


async def test_over_http(crm: AsyncInteractionsClient) -> None:
    """The ASGI application serves tools over HTTP."""
    app = mcp_server(crm, user_id="ada").streamable_http_app()
    config = uvicorn.Config(app, port=0, log_level="warning", ws="none")
    http = uvicorn.Server(config)
    serving = asyncio.create_task(http.serve())
    async with asyncio.timeout(LIMIT):
        while not http.started:
            assert not serving.done(), serving.exception()
            await asyncio.sleep(0.01)
    [port] = {socket.getsockname()[1] for each in http.servers for socket in each.sockets}
    async with Client(f"http://127.0.0.1:{port}/mcp", read_timeout_seconds=LIMIT) as client:
        result = await client.call_tool("timeline", {})
    http.should_exit = True
    await serving

    assert result.structured_content is not None
    [shown] = result.structured_content["result"]
    assert "Call of ada" == shown["recorded_text"]["subject"]
