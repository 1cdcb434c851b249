"""The check for leftovers of tests detects them."""

from __future__ import annotations

import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import leftovers
from tests.leftovers import Surroundings
from tests.processes import Program
from tests.waiting import LIMIT, join

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """Return the surroundings before the test, and do not wait for anything to end."""
    monkeypatch.setattr(leftovers, "PATIENCE", 0)
    return Surroundings.now()


@pytest.fixture
def thread() -> Iterator[threading.Thread]:
    """Yield a started thread, and end it afterwards."""
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait, args=(LIMIT,), name="forgotten")
    thread.start()
    yield thread
    ended.set()
    join(thread)


def test_a_thread_is_found(before: Surroundings, request: pytest.FixtureRequest) -> None:
    """A running thread is reported by name."""
    assert request.getfixturevalue("thread").is_alive()
    [found] = before.left_since("threads")
    assert found.startswith("threads: forgotten ")


@pytest.mark.skipif(not leftovers.PROC.exists(), reason="the system has no /proc")
def test_a_socket_is_found(before: Surroundings) -> None:
    """An open socket is reported."""
    with socket.socket():
        [found] = before.left_since("sockets")
    assert found.startswith("sockets: socket:")
    assert [] == before.left_since("sockets")


@pytest.mark.skipif(not leftovers.PROC.exists(), reason="the system has no /proc")
def test_a_process_is_found(before: Surroundings) -> None:
    """A running process is reported."""
    with Program(sys.executable, "-c", "input()"):
        [found] = before.left_since("processes")
    assert found.startswith("processes: ")


@pytest.mark.parametrize("folder", [leftovers.ROOT, None], ids=["repository", "temporary"])
def test_a_file_is_found(before: Surroundings, folder: Path | None) -> None:
    """Files in the repository and temporary files are reported."""
    path = Path(folder or tempfile.gettempdir()) / "left-by-a-test.txt"
    path.touch()
    try:
        [found] = before.left_since("files")
    finally:
        path.unlink()
    assert found.endswith("left-by-a-test.txt")


def test_what_ends_soon_is_waited_for() -> None:
    """A thread that is about to end is not reported."""
    before = Surroundings.now()
    threading.Timer(0.05, lambda: None).start()
    assert [] == before.left_since("threads")
