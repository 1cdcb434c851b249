"""The command line in this process, with a clean environment."""

from __future__ import annotations

import logging
import os
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
import typer.main
from typer.testing import CliRunner

from interactions_sdk import InteractionsClient
from interactions_sdk.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator


class Run(Protocol):
    """Runs a command, and checks its exit code."""

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Return the output: stdout on success, stderr otherwise."""
        ...


@pytest.fixture(autouse=True, scope="module")
def built_once() -> Iterator[None]:
    """Build the commands once, since that takes longer than running most of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with all tables and no rows."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    with InteractionsClient.embedded(path):
        return path


@pytest.fixture(autouse=True)
def _logger() -> Iterator[None]:
    """Restore the logger, which `--verbose` changes for the whole process."""
    logger = logging.getLogger("interactions_sdk")
    level, handlers = logger.level, logger.handlers
    yield
    logger.setLevel(level)
    logger.handlers = handlers


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder in UTC, without the library's variables."""
    for name in os.environ:
        if name.startswith(("APPWRITE_", "INTERACTIONS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("INTERACTIONS_WAIT", "0")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run() -> Run:
    """Return a function that runs a command."""

    def invoke(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, arguments, terminal_width=200)
        assert code == result.exit_code, result.output
        if code and result.exception is not None:
            assert isinstance(result.exception, SystemExit), result.exception
        return result.stdout if code == 0 else result.stderr

    return invoke


@pytest.fixture
def file(folder: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file that the commands use instead of a server."""
    path = Path(shutil.copy(database, folder / "crm.db"))
    monkeypatch.setenv("INTERACTIONS_EMBEDDED", str(path))
    return path


@pytest.fixture
def crm(file: Path) -> Iterator[InteractionsClient]:
    """Return a client of the file, with a customer record for Ada."""
    with InteractionsClient.embedded(file) as crm:
        crm.customers.ensure("ada")
        yield crm
