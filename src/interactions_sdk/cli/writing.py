"""Files that are there whole, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from interactions_sdk.cli.screen import OUTPUT, print_json, shown

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["place_for", "tell_file", "write_whole"]


def place_for(path: Path | None) -> Path | None:
    """Return a path to write to, if its folder is there: better told before the work than after.

    Raises:
        typer.BadParameter: There is no such folder, or the path is one.
    """
    if path is not None and path.is_dir():
        raise typer.BadParameter(f"{path} is a folder.")
    if path is not None and not path.parent.is_dir():
        raise typer.BadParameter(f"There is no folder {path.parent}.")
    return path


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place, and move it there when it is complete.

    Args:
        path: Where it is to be; a file that is there is replaced.
        write: Writes the file it is given, whose name ends the same.
    """
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def tell_file(path: Path, *, as_json: bool) -> None:
    """Tell that a file was written."""
    if as_json:
        print_json({"file": str(path)})
    else:
        OUTPUT.print(shown(f"Wrote {path}."))
