"""Usage errors of the command line."""

from __future__ import annotations

import typer

__all__ = ["UsageError"]


class UsageError(typer.BadParameter):
    """A wrong combination of arguments; unlike its base, it does not say "Invalid value"."""

    def format_message(self) -> str:
        """Return the message as it is."""
        return self.message
