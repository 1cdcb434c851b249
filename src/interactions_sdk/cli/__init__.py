"""The command line `interactions`; needs the extra `cli`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from io import TextIOWrapper
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

__all__ = ["main"]

_USAGE, _INTERRUPTED, _READER_GONE = 2, 130, 141


def main() -> None:
    """Run the command line, or say what to install.

    Output is flushed line by line, also into a pipe, where a program may wait for the first line
    of a command that never ends.
    """
    missing = [name for name in ("rich", "typer") if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"The command line needs {' and '.join(missing)}: "
            "install interactions-sdk with the extra `cli`.\n"
        )
        sys.exit(_USAGE)
    streams = (sys.stdout, sys.stderr)
    for stream in streams:
        if isinstance(stream, TextIOWrapper):
            # Windows' encoding of pipes lacks most characters.
            stream.reconfigure(errors="replace", line_buffering=True)
    try:
        from interactions_sdk.cli.app import app  # noqa: PLC0415 - needs the extra

        app()
    except KeyboardInterrupt:  # before a command has begun: it takes a second to load
        sys.exit(_INTERRUPTED)
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # Rich and Typer end with 1 then
            _discard_output(streams)
            sys.exit(_READER_GONE)
        raise


def _discard_output(streams: Iterable[TextIO]) -> None:
    """Let the interpreter flush what is left without another error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
