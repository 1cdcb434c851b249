"""`interactions mcp`: tools for an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from mcp.server import MCPServer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Record how the server would be run, instead of serving."""
    calls: list[tuple[Any, ...]] = []

    def serve(_: MCPServer[Any], *arguments: Any, **options: Any) -> None:
        calls.append((*arguments, options))

    monkeypatch.setattr(MCPServer, "run", serve)
    return calls


def test_it_talks_over_standard_input_and_output(
    run: Run, file: Path, served: list[tuple[Any, ...]]
) -> None:
    """The server uses standard input and output, or with `--port`, HTTP on this machine only."""
    run("mcp", "--admin", "root", "--write", "--embedded", str(file))
    run("mcp", "--user", "ada", "--http", "8092", "--embedded", str(file))

    assert [({},), ("streamable-http", {"host": "127.0.0.1", "port": 8092})] == served


def test_it_uses_the_server_of_the_environment(
    run: Run, folder: Path, served: list[tuple[Any, ...]]
) -> None:
    """The server in the environment is used, as by other commands."""
    variables = {"ENDPOINT": "http://127.0.0.1:9/v1", "PROJECT_ID": "p", "API_KEY": "k"}
    lines = [f"APPWRITE_{name}={value}\n" for name, value in variables.items()]
    (folder / ".env").write_text("".join(lines))
    run("mcp", "--user", "ada")

    assert [({},)] == served


@pytest.mark.parametrize("actor", [(), ("--user", "ada", "--admin", "root")])
def test_it_acts_as_one(run: Run, file: Path, actor: tuple[str, ...]) -> None:
    """Exactly one of `--user` and `--admin` must be passed."""
    said = run("mcp", *actor, "--embedded", str(file), code=2)
    assert "--user ID or --admin ID" in said


def test_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra if the package `mcp` is missing."""

    def find_none(_: str) -> None:
        """Find no package."""

    monkeypatch.setattr("interactions_sdk.cli.mcp.find_spec", find_none)
    assert "with the extra `mcp`" in " ".join(run("mcp", "--user", "ada", code=2).split())
