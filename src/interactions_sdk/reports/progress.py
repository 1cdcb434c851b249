"""How far reading has come, on stderr: a bar where rich is there, else one line."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["counting"]


@contextmanager
def counting(total: int | None, *, shown: bool) -> Generator[Callable[[int], None]]:
    """Give a function to call with the number of interactions that were read.

    Args:
        total: How many there will be, if known.
        shown: Whether to show anything.
    """
    if not shown:
        yield _show_nothing
        return
    if sys.stderr.isatty() and find_spec("rich"):
        with _bar(total) as advance:
            yield advance
        return
    with _line(total) as advance:
        yield advance


def _show_nothing(_number: int) -> None:
    return


@contextmanager
def _bar(total: int | None) -> Generator[Callable[[int], None]]:
    from rich.console import Console  # noqa: PLC0415 - an optional package
    from rich.progress import (  # noqa: PLC0415 - the same
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    shape = (TextColumn("Interactions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*shape, console=Console(stderr=True)) as bar:
        task = bar.add_task("Interactions", total=total)
        yield lambda number: bar.advance(task, number)


@contextmanager
def _line(total: int | None) -> Generator[Callable[[int], None]]:
    """Rewrite one line, which terminals and notebooks alike understand."""
    started = monotonic()
    read = 0

    def advance(number: int) -> None:
        nonlocal read
        read += number
        of_total = "" if total is None else f" of {total:,}"
        seconds = monotonic() - started
        sys.stderr.write(f"\r{read:,}{of_total} interactions, {seconds:.0f} s")
        sys.stderr.flush()

    try:
        yield advance
    finally:
        sys.stderr.write("\n")
