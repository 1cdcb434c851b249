"""Where a file may be written, and telling that it was."""

from __future__ import annotations

from pathlib import Path

import typer

from interactions_sdk.cli.console import print_json, safe_text, stdout

__all__ = ["print_written", "validate_output_path"]


def validate_output_path(path: Path | None) -> Path | None:
    """Return an output path if a file can be there, to report errors before the work."""
    if path is not None and path.is_dir():
        raise typer.BadParameter(f"{path} is a folder.")
    if path is not None and not path.parent.is_dir():
        raise typer.BadParameter(f"The folder {path.parent} does not exist.")
    return path


def print_written(path: Path, *, as_json: bool) -> None:
    """Print that a file was written."""
    if as_json:
        print_json({"file": str(path)})
    else:
        stdout.print(safe_text(f"Wrote {path}."))
