"""Leftovers of tests: threads, processes, sockets, and files outside the test's folder."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Surroundings", "nothing_is_left", "own_temporary_folder"]

ROOT = Path(__file__).parents[1]
PROC = Path("/proc/self")
PATIENCE = 5.0
"""Seconds to wait for objects that are about to end, such as a closed server's threads."""


@dataclass(frozen=True)
class Surroundings:
    """The threads, processes, sockets and files around a test.

    Attributes:
        threads: The threads of this process.
        processes: The children of this process; empty without `/proc`.
        sockets: The open sockets of this process; empty without `/proc`.
        files: The files in the repository's folder and in the folder for temporary files.
    """

    threads: frozenset[str]
    processes: frozenset[str]
    sockets: frozenset[str]
    files: frozenset[str]

    @classmethod
    def now(cls) -> Self:
        """Return the current surroundings."""
        return cls(**{kind: frozenset(look()) for kind, look in _LOOKS.items()})

    def left_since(self, *kinds: str) -> list[str]:
        """Return what is new, after waiting for objects that are about to end.

        Args:
            kinds: Names of attributes.
        """
        end = time.monotonic() + PATIENCE
        if self._left(kinds):
            gc.collect()  # closes unreferenced objects, with a warning
        while left := self._left(kinds):
            if time.monotonic() > end:
                return left
            time.sleep(0.01)
        return []

    def _left(self, kinds: Iterable[str]) -> list[str]:
        return [
            f"{kind}: {each}"
            for kind in kinds
            for each in frozenset(_LOOKS[kind]()) - getattr(self, kind)
            if kind != "sockets" or _is_of_network(each)
        ]


def _threads() -> Iterator[str]:
    yield from (f"{thread.name} ({thread.ident})" for thread in threading.enumerate())


def _children() -> Iterator[str]:
    """Return the names of child processes, except multiprocessing's permanent one."""
    kept = str(getattr(resource_tracker._resource_tracker, "_pid", None))
    for task in PROC.glob("task/*/children"):
        try:
            yield from (pid for pid in task.read_text().split() if pid != kept)
        except OSError:  # the thread has just ended
            continue


def _sockets() -> Iterator[str]:
    if not PROC.exists():
        return
    for descriptor in os.scandir(PROC / "fd"):
        try:
            target = os.readlink(descriptor)  # noqa: PTH115 - a path would take longer
        except OSError:  # the one that lists them
            continue
        if target.startswith("socket:"):
            yield target


def _is_of_network(target: str) -> bool:
    """Return whether a socket is not one of the pairs with which libraries wake themselves."""
    inode = target.removeprefix("socket:[").removesuffix("]")
    return inode not in (PROC / "net/unix").read_text().split()


def _files() -> Iterator[str]:
    """Return the files, without hidden ones in the repository, which are caches of tools."""
    yield from (each.name for each in os.scandir(ROOT) if not each.name.startswith((".", "__")))
    yield from (each.path for each in os.scandir(tempfile.gettempdir()))


_LOOKS: dict[str, Callable[[], Iterator[str]]] = {
    "threads": _threads,
    "processes": _children,
    "sockets": _sockets,
    "files": _files,
}


@pytest.fixture(scope="session", autouse=True)
def own_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Set the folder for temporary files, also of child processes, to one below pytest's."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        patch.setenv("TMPDIR", str(folder))
        yield


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Fail the last test of a file if its tests leave something behind.

    Objects that the tests of a file share, such as a server or a browser, may exist until then.
    Spark, which is started once, runs until the process ends, with its threads and files.
    """
    before = Surroundings.now()
    yield
    if not _spark_runs() and (left := before.left_since(*_LOOKS)):
        pytest.fail(f"left behind: {', '.join(left)}")


def _spark_runs() -> bool:
    context = getattr(sys.modules.get("pyspark"), "SparkContext", None)
    return getattr(context, "_gateway", None) is not None
