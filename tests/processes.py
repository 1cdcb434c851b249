"""Programs in separate processes; every wait for them has a limit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Self

from tests.waiting import LIMIT, join

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["CLI", "Program", "environment"]

CLI = (sys.executable, "-m", "interactions_sdk.cli")


def environment() -> dict[str, str]:
    """Return this process's environment, with buffered output of Python to a pipe."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def _take_interrupts() -> None:
    """Restore the handling of interrupts, which a shell disables for background processes."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Program:
    """A running program whose output is read through pipes.

    Leaving the `with` block kills the program if it still runs.

    Args:
        arguments: The command.
        cwd: The folder in which it runs; None means this process's.
        env: Its environment; None means this process's, except for `PYTHONUNBUFFERED`.
    """

    def __init__(
        self,
        *arguments: str,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own commands
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=cwd,
            env=environment() if env is None else env,
            preexec_fn=_take_interrupts,  # noqa: PLW1509 - one call, of the C library
        )
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._said: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_output),
            threading.Thread(target=self._read_errors),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(LIMIT)
        join(*self._readers)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def read_line(self) -> str:
        """Return the next line of its output, with its line break; an empty text at the end."""
        try:
            line = self._lines.get(timeout=LIMIT)
        except Empty:
            raise AssertionError(f"no line within {LIMIT} seconds; stderr: {self.errors}") from None
        if line is None:
            self._lines.put(None)
            return ""
        return line

    def read_until(self, end: str) -> str:
        """Return its output up to the line that contains a text."""
        said = ""
        while end not in said:
            line = self.read_line()
            assert line, f"it ended without {end!r}: {said}\n{self.errors}"
            said += line
        return said

    def write(self, text: str) -> None:
        """Write to its input, unbuffered."""
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.flush()

    @property
    def errors(self) -> str:
        """Its output on stderr so far; complete after `exit_code` has returned."""
        return "".join(self._said)

    @property
    def is_running(self) -> bool:
        """Whether it is still running."""
        return self._process.poll() is None

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it, as the kernel would if memory ran out."""
        self._process.kill()

    def exit_code(self) -> int:
        """Wait for its end, and return its exit code."""
        code = self._process.wait(LIMIT)
        join(*self._readers)
        return code

    def remaining_lines(self) -> list[str]:
        """Return the lines of its output up to its end."""
        return list(iter(self.read_line, ""))

    def _read_output(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self._said.extend(self._process.stderr)
