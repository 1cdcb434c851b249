"""The check of every test that nothing is left behind finds what is."""

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
    """Return what there is before the test leaves anything, and do not wait for it to go."""
    monkeypatch.setattr(leftovers, "PATIENCE", 0)
    return Surroundings.now()


@pytest.fixture
def thread() -> Iterator[threading.Thread]:
    """Return a thread that has been started, and end it afterwards."""
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait, args=(LIMIT,), name="forgotten")
    thread.start()
    yield thread
    ended.set()
    join(thread)


def test_a_thread_is_found(before: Surroundings, request: pytest.FixtureRequest) -> None:
    """By its name."""
    assert request.getfixturevalue("thread").is_alive()
    [found] = before.left_since("threads")
    assert found.startswith("threads: forgotten ")


@pytest.mark.skipif(not leftovers.PROC.exists(), reason="the system has no /proc")
def test_a_socket_is_found(before: Surroundings) -> None:
    """While it is open."""
    with socket.socket():
        [found] = before.left_since("sockets")
    assert found.startswith("sockets: socket:")
    assert [] == before.left_since("sockets")


@pytest.mark.skipif(not leftovers.PROC.exists(), reason="the system has no /proc")
def test_a_process_is_found(before: Surroundings) -> None:
    """While it runs."""
    with Program(sys.executable, "-c", "input()"):
        [found] = before.left_since("processes")
    assert found.startswith("processes: ")


@pytest.mark.parametrize("folder", [leftovers.ROOT, None], ids=["repository", "temporary"])
def test_a_file_is_found(before: Surroundings, folder: Path | None) -> None:
    """In the repository, and among temporary files."""
    path = Path(folder or tempfile.gettempdir()) / "left-by-a-test.txt"
    path.touch()
    try:
        [found] = before.left_since("files")
    finally:
        path.unlink()
    assert found.endswith("left-by-a-test.txt")


def test_what_ends_soon_is_waited_for() -> None:
    """A thread that is about to end is not left behind."""
    before = Surroundings.now()
    threading.Timer(0.05, lambda: None).start()
    assert [] == before.left_since("threads")
