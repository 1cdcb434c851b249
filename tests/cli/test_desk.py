"""`interactions desk`: the desk for one person on this machine."""

from __future__ import annotations

import getpass
import importlib.util
import re
import signal
import socket
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn

from interactions_sdk import InteractionsClient
from interactions_sdk.cli.app import app
from tests.desk.pages import Surfer
from tests.processes import CLI, Program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.desk.pages import Page

LINK = re.compile(r"http://127\.0\.0\.1:\d+/login\?token=\S+")


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[Page]:
    """Open the printed link and the first pages, instead of serving until Ctrl-C."""
    pages: list[Page] = []

    async def visit(self: uvicorn.Server, sockets: list[socket.socket]) -> None:
        assert "127.0.0.1" == sockets[0].getsockname()[0]
        assert not self.config.access_log
        [link] = LINK.findall(capsys.readouterr().out)
        surfer = Surfer(self.config.app, base=link.partition("/login")[0])  # type: ignore[arg-type]
        page = await surfer.open(link)
        pages.append(await surfer.send(page, page.form("/login")))
        pages.append(await surfer.open("/customers"))
        raise KeyboardInterrupt

    monkeypatch.setattr(uvicorn.Server, "serve", visit)
    return pages


def _desk(*options: str) -> None:
    with pytest.raises(SystemExit) as ended:
        app(["desk", "--port", "0", *options])
    assert 130 == ended.value.code


def test_the_demonstration_shows_sample_data(visited: list[Page]) -> None:
    """`--demo` needs no server and saves nothing."""
    _desk("--demo")

    today, customers = visited
    assert "Send the contract" in today.text
    assert {"Ada Lovelace", "Grace Hopper"} <= set(customers.links)


@pytest.mark.parametrize(
    ("options", "name"), [((), "Zoe.Smith"), (("--admin", "root"), "root"), (("-u", "ada"), "ada")]
)
def test_a_file_is_opened_for_whoever_is_logged_in(
    file: Path, visited: list[Page], monkeypatch: pytest.MonkeyPatch, options: tuple[str], name: str
) -> None:
    """A file is opened as the operating system's user, or as the given admin or user."""
    monkeypatch.setattr(getpass, "getuser", lambda: "Zoe.Smith!")
    with InteractionsClient.embedded(file) as crm:
        crm.customers.create("ada", name="Ada Lovelace")

    _desk(*options)

    assert name in visited[0].text
    assert ("Ada Lovelace" in visited[1].links) == (name != "ada")


def test_a_machine_without_user_names_has_one_nevertheless(
    visited: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes in containers may run as a user without a name."""

    def nobody() -> str:
        raise KeyError(1000)

    monkeypatch.setattr(getpass, "getuser", nobody)

    _desk("--demo")

    assert "desk" in visited[0].text


def test_a_server_is_opened_for_somebody_who_is_named(
    run: Run, visited: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a server, an admin or a user must be named, whom Appwrite can verify."""
    assert "--admin ID or --user ID" in run("desk", code=2)
    assert "not both" in run("desk", "--admin", "a", "--user", "b", code=2)
    assert "APPWRITE_ENDPOINT" in run("desk", "--admin", "root", code=2)
    monkeypatch.setenv("APPWRITE_ENDPOINT", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("APPWRITE_PROJECT_ID", "crm")
    monkeypatch.setenv("APPWRITE_API_KEY", "secret")
    monkeypatch.setenv("INTERACTIONS_VERIFY_USERS", "false")

    _desk("--admin", "root")

    assert "The server does not respond" in visited[0].text


def test_a_port_that_is_taken_is_named(run: Run) -> None:
    """The message names the port, which another desk may be using."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert f"Cannot listen on 127.0.0.1:{port}" in run("desk", "--demo", "--port", port, code=2)


def test_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the missing packages and the extra."""
    find = importlib.util.find_spec

    def without(name: str) -> Any:
        return None if name in {"uvicorn", "python_multipart"} else find(name)

    monkeypatch.setattr("interactions_sdk.cli.desk.find_spec", without)

    message = run("desk", "--demo", code=2)

    assert "python-multipart and uvicorn" in message
    assert "with the extra `desk`" in " ".join(message.split())


def test_it_runs_until_ctrl_c() -> None:
    """The desk is served over HTTP until Ctrl-C."""
    with Program(*CLI, "desk", "--demo", "--port", "0") as program:
        [link] = LINK.findall(program.read_until("Ctrl-C"))
        token = link.rpartition("=")[2]
        with httpx.Client(base_url=link.partition("/login")[0]) as browser:
            answer = browser.post("/login", data={"token": token})
            assert (303, "/") == (answer.status_code, answer.headers["location"])
            assert "Send the contract" in browser.get("/").text
        program.send_signal(signal.SIGINT)
        assert 130 == program.exit_code()
