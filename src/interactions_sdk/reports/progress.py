"""Progress of reading: a bar in notebooks and terminals, one line at the end in logs."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Draw = Callable[[int, bool], None]

__all__ = ["progress_callback"]

_SECONDS_BETWEEN = 0.1
_CELLS = 24


@contextmanager
def progress_callback(total: int | None, *, enabled: bool) -> Generator[Callable[[int], None]]:
    """Return a function to call with the number of interactions read so far."""
    if not enabled:
        yield _no_progress
        return
    draw = _in_a_notebook(total) if _has_kernel() else _stderr_callback(total)
    read, drawn_at = 0, monotonic()

    def count(number: int) -> None:
        nonlocal read, drawn_at
        read, now = number, monotonic()
        if now - drawn_at >= _SECONDS_BETWEEN:
            draw(read, False)  # noqa: FBT003 - it is not the last time
            drawn_at = now

    try:
        yield count
    finally:
        draw(read, True)  # noqa: FBT003 - it is the last time


def _no_progress(_number: int) -> None:
    """Show nothing."""


def _has_kernel() -> bool:
    """Return whether a notebook's kernel runs this; IPython in a terminal has none."""
    ipython: Any = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def _in_a_notebook(total: int | None) -> Draw:
    show: Any = import_module("IPython.display").display  # it has no types
    text = _progress_text(total)

    def output(read: int) -> dict[str, str]:
        bar = f'<progress max="{total}" value="{read}"></progress> ' if total else ""
        return {"text/html": f"{bar}{text(read)}", "text/plain": text(read)}

    handle = show(output(0), raw=True, display_id=True)
    return lambda read, _is_last: handle.update(output(read), raw=True)


def _stderr_callback(total: int | None) -> Draw:
    text = _progress_text(total)
    is_terminal = sys.stderr.isatty()

    def draw(read: int, is_last: bool) -> None:  # noqa: FBT001 - our own call
        if is_terminal:
            line = _bar(read, total) + text(read)
            sys.stderr.write("\r" + line[: shutil.get_terminal_size().columns - 1])
        elif is_last:
            sys.stderr.write(text(read))
        if is_last:
            sys.stderr.write("\n")
        sys.stderr.flush()

    return draw


def _bar(read: int, total: int | None) -> str:
    if not total:
        return ""
    full = min(_CELLS, _CELLS * read // total)
    return f"[{'#' * full}{'-' * (_CELLS - full)}] "


def _progress_text(total: int | None) -> Callable[[int], str]:
    """Return a text with the number read, the total and the duration."""
    started = monotonic()
    of_total = "" if total is None else f" of {total:,}"

    def describe(read: int) -> str:
        noun = "interaction" if (read if total is None else total) == 1 else "interactions"
        return f"{read:,}{of_total} {noun}, {monotonic() - started:.0f} s"

    return describe
