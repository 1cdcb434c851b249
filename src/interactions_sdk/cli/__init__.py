"""The command line `interactions`; needs the extra `cli`."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from io import TextIOWrapper

__all__ = ["main"]

_USAGE, _INTERRUPTED = 2, 130


def main() -> None:
    """Run the command line, or say what to install."""
    missing = [name for name in ("rich", "typer") if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"The command line needs {' and '.join(missing)}. Install them with:\n"
            '  pip install "interactions-sdk[cli]"\n'
        )
        sys.exit(_USAGE)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # Windows' encoding of pipes lacks most characters
    try:
        from interactions_sdk.cli.app import app  # noqa: PLC0415 - needs the extra

        app()
    except KeyboardInterrupt:  # before a command has begun: it takes a second to load
        sys.exit(_INTERRUPTED)
