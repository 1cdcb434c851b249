"""Terminal output: escaped text, and JSON for programs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from interactions_sdk.escaping.terminal import for_terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

__all__ = [
    "print_json",
    "progress_bar",
    "progress_callback",
    "safe_text",
    "stderr",
    "stdout",
]

stdout = Console(highlight=False, emoji=False)
stderr = Console(stderr=True, highlight=False, emoji=False)


def safe_text(value: object, style: str = "", *, empty: str = "") -> Text:
    r"""Return a text for display on one line, without effects on the terminal.

    Characters that control a terminal (escape sequences, marks that change the direction of
    writing) become `\ufffd`, and Rich markup is shown as text. None becomes `empty`.

    Example:
        >>> safe_text("[red]\x1b[2J\nRenewal").plain
        '[red]\ufffd[2J Renewal'
    """
    text = empty if value is None else str(value)
    return Text(for_terminal(text), style=style)


def print_json(value: object) -> None:
    """Print JSON in ASCII, which is safe for every terminal and encoding; times are ISO 8601."""
    sys.stdout.write(json.dumps(value, indent=2, default=_json_text) + "\n")


def _json_text(value: datetime) -> str:
    return value.isoformat()


def progress_bar() -> Progress:
    """Return a progress bar on stderr, which disappears when the work is done."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    )


def progress_callback(progress: Progress, label: str) -> Callable[[int], None]:
    """Return a function that sets the position of a new bar, whose end is not known."""
    task = progress.add_task(label, total=None)
    return lambda done: progress.update(task, completed=done)
