"""What went wrong, in words and as an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from interactions_sdk.cli.console import ERRORS, shown
from interactions_sdk.embedded import StoreError
from interactions_sdk.errors import (
    BadRequestError,
    ConfigurationError,
    ConflictError,
    InteractionsError,
    NotFoundError,
)

if TYPE_CHECKING:
    from interactions_sdk.cli.console import Shown

__all__ = ["INTERRUPTED", "NO", "SERVER", "USAGE", "ExplainingGroup", "exit_code", "explain"]

NO, USAGE, SERVER, INTERRUPTED = 1, 2, 3, 130

_CODES: tuple[tuple[type[Exception], int], ...] = (
    (NotFoundError, NO),
    (ConflictError, NO),
    (BadRequestError, USAGE),
    (ConfigurationError, USAGE),
    (ValidationError, USAGE),
    (InteractionsError, SERVER),
    (StoreError, USAGE),
    (OSError, USAGE),
)
"""The first class that fits tells the code."""


def exit_code(error: Exception) -> int | None:
    """Return the exit code of an error that users can do something about; None for others.

    Example:
        >>> exit_code(NotFoundError("no such row")), exit_code(ConfigurationError("no key"))
        (1, 2)
    """
    return next((code for kind, code in _CODES if isinstance(error, kind)), None)


def explain(error: Exception) -> Shown:
    """Return what to tell the user: a fault of a draft goes by the names of its fields."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return shown(f"{error.filename}: {error.strerror}.")
    if not isinstance(error, ValidationError):
        return shown(str(error) or type(error).__name__)
    faults = [
        f"{'.'.join(map(str, fault['loc'])) or 'input'}: {fault['msg']}"
        for fault in error.errors(include_input=False, include_url=False)
    ]
    return shown("; ".join(faults))


class ExplainingGroup(TyperGroup):
    """The outermost group: it ends each command with a message and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer has had its own and Click's contexts
        """Run a command.

        Raises:
            typer.Exit: It failed, in a way that users can do something about.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ERRORS.print(
                "Interrupted. What was written is whole; "
                "[bold]interactions reconcile[/] brings the customers' dates up to date."
            )
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            code = None if isinstance(error, BrokenPipeError) else exit_code(error)
            if code is None:
                raise
            ERRORS.print(ERRORS.render_str("[bold red]Error:[/] ") + explain(error))
            raise typer.Exit(code) from error
