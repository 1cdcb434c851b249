"""What goes to the terminal: text of customers made harmless, and JSON for machines."""

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
    "SafeText",
    "print_json",
    "progress_bar",
    "progress_callback",
    "safe_text",
    "stderr",
    "stdout",
]

SafeText = Text

stdout = Console(highlight=False, emoji=False)
stderr = Console(stderr=True, highlight=False, emoji=False)


def safe_text(value: object, style: str = "", *, empty: str = "") -> Text:
    r"""Return a text that does nothing but show itself, on one line.

    What a terminal would obey (escape sequences, marks that turn the direction of writing) becomes
    `\ufffd`, and markup of Rich stays as it is written.

    Args:
        value: What to show.
        style: How.
        empty: What stands for None.

    Example:
        >>> safe_text("[red]\x1b[2J\nRenewal").plain
        '[red]\ufffd[2J Renewal'
    """
    text = empty if value is None else str(value)
    return Text(for_terminal(text), style=style)


def print_json(value: object) -> None:
    """Print JSON in ASCII, which no terminal obeys and no encoding spoils; times are ISO 8601."""
    sys.stdout.write(json.dumps(value, indent=2, default=_json_text) + "\n")


def _json_text(value: datetime) -> str:
    return value.isoformat()


def progress_bar() -> Progress:
    """Return a bar on stderr, which goes away when the work is done."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    )


def progress_callback(
    progress: Progress, what: str, total: int | None = None
) -> Callable[[int], None]:
    """Return a function that moves a new bar to so many."""
    task = progress.add_task(what, total=total)
    return lambda done: progress.update(task, completed=done)
