"""`interactions serve`."""

from __future__ import annotations

import json
import signal
import socket
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import InteractionsClient, Settings
from interactions_sdk.cli.app import app
from tests.processes import CLI, Program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate Ctrl-C immediately."""

    def press(_: object) -> None:
        raise KeyboardInterrupt

    waiting = SimpleNamespace(Event=type("Pressed", (), {"wait": press}))
    monkeypatch.setattr("interactions_sdk.cli.serve.threading", waiting)


@pytest.mark.usefixtures("stopped")
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "in memory only"),
        (("--file", "crm.db"), "crm.db"),
        (("--api-key", "my-secret"), "APPWRITE_API_KEY=..."),
        (("--json",), '"endpoint": "http://127.0.0.1:'),
        (("--json",), '"api_key": "standard_'),
        ((), "APPWRITE_API_KEY=standard_"),
        (("--allowed-host", "crm.example", "--platform", "app.example"), "Serving"),
    ],
)
def test_it_tells_how_to_reach_it(
    options: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Endpoint and project are printed, and the key only if it is not secret."""
    with pytest.raises(SystemExit) as ended:
        app(["serve", "--port", "0", *options])
    said = capsys.readouterr()
    assert 130 == ended.value.code
    assert told in said.out
    assert "my-secret" not in said.out + said.err
    assert "Stopped" in said.err


@pytest.mark.usefixtures("stopped")
def test_the_key_is_printed_once(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """A new key is printed once; later, only on request."""
    printed: list[str] = []
    for options in ((), (), ("--show-key",)):
        with pytest.raises(SystemExit):
            app(["serve", "--port", "0", "--file", str(folder / "crm.db"), *options])
        printed.append(capsys.readouterr().out)
    first, second, shown = (
        output.partition("APPWRITE_API_KEY=")[2].split()[0] for output in printed
    )
    assert first.startswith("standard_")
    assert (first, "...") == (shown, second)
    assert "--show-key prints" in printed[1]


def test_other_machines_need_a_flag(run: Run) -> None:
    """Serving other machines requires `--allow-remote`, even with a key."""
    for options in ((), ("--api-key", "k")):
        assert "--allow-remote" in run("serve", "--host", "0.0.0.0", *options, code=2)  # noqa: S104


def test_a_port_that_is_taken_is_told(run: Run) -> None:
    """A port in use is a usage error."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "Cannot listen on" in run("serve", "--port", str(port), code=2)


def test_it_serves_until_it_is_stopped(folder: Path) -> None:
    """Tables exist from the start, and logged interactions are in the file."""
    with Program(*CLI, "serve", "--port", "0", "--file", "crm.db", "--json") as program:
        told = json.loads(program.read_until("}"))
        with InteractionsClient(
            told["endpoint"],
            told["project"],
            api_key=told["api_key"],
            settings=Settings(verify_users=False),
        ) as crm:
            crm.customers.ensure("ada")
            crm.as_user("ada").log_call("Renewal")
        program.send_signal(signal.SIGTERM)
        assert 130 == program.exit_code()
    with InteractionsClient.embedded(folder / "crm.db") as crm:
        assert 1 == crm.as_user("ada").count()
