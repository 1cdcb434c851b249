"""All commands of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer.main

from interactions_sdk.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["COMMANDS"]


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield path
    for name, each in getattr(command, "commands", {}).items():
        yield from _walk(each, (*path, name))


COMMANDS = list(_walk(typer.main.get_command(app), ()))
"""The arguments that name each command and group; the first are empty: the program itself."""
