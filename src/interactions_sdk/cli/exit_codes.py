"""Errors as messages and exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from pydantic import ValidationError
from pydantic_core import SchemaError
from typer.core import TyperGroup

from interactions_sdk.cli.console import safe_text, stderr
from interactions_sdk.cli.wording import in_cli_words, option_for
from interactions_sdk.embedded import StoreError
from interactions_sdk.errors import (
    BadRequestError,
    ConfigurationError,
    ConflictError,
    FileAccessError,
    InteractionsError,
    NotFoundError,
)

if TYPE_CHECKING:
    from rich.text import Text

__all__ = [
    "INTERRUPTED",
    "NEGATIVE_RESULT",
    "SERVER",
    "USAGE",
    "ErrorHandlingGroup",
    "exit_code_for",
    "message_for",
]

NEGATIVE_RESULT, USAGE, SERVER, INTERRUPTED = 1, 2, 3, 130

_CODES: tuple[tuple[type[Exception], int], ...] = (
    (NotFoundError, NEGATIVE_RESULT),
    (ConflictError, NEGATIVE_RESULT),
    (BadRequestError, USAGE),
    (ConfigurationError, USAGE),
    (ValidationError, USAGE),
    (StoreError, USAGE),
    (FileAccessError, USAGE),
    (InteractionsError, SERVER),
    (OSError, USAGE),
)
"""The first matching class determines the code."""


def exit_code_for(error: Exception) -> int | None:
    """Return the exit code of an error that users can fix; None for others.

    Example:
        >>> exit_code_for(NotFoundError("no such row")), exit_code_for(ConfigurationError("no key"))
        (1, 2)
    """
    return next((code for kind, code in _CODES if isinstance(error, kind)), None)


def message_for(error: Exception, command: str = "") -> Text:
    """Return the message for the user: problems of a draft are listed by option.

    The options are those of a command, such as `log`.
    """
    if isinstance(error, OSError) and error.strerror and error.filename:
        return safe_text(f"{error.filename}: {error.strerror}.")
    if not isinstance(error, ValidationError):
        return safe_text(in_cli_words(str(error) or type(error).__name__))
    faults = [
        f"{_name(fault['loc'], command)}: {fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_input=False, include_url=False)
    ]
    return safe_text("; ".join(faults))


def _name(location: tuple[int | str, ...], command: str) -> str:
    if not location:
        return "input"
    return ".".join([option_for(str(location[0]), command), *map(str, location[1:])])


def _simplify(error: Exception) -> None:
    """Remove pydantic's wording from a usage error, which Typer prints."""
    message: object = getattr(error, "message", None)
    if isinstance(message, str):
        error.message = message.replace("Value error, ", "")  # type: ignore[attr-defined]


def _interrupted() -> typer.Exit:
    stderr.print(
        "Interrupted. Completed writes are consistent; run "
        "[bold]interactions reconcile[/] to update the customers' dates."
    )
    return typer.Exit(INTERRUPTED)


class ErrorHandlingGroup(TyperGroup):
    """The outermost group: it ends each command with a message and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer has had its own and Click's contexts
        """Run a command; an error that users can fix becomes a message and an exit code."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _interrupted() from None
        except Exception as error:
            if isinstance(error, SchemaError) and KeyboardInterrupt.__name__ in str(error):
                raise _interrupted() from None  # pydantic was building a validator
            code = None if isinstance(error, BrokenPipeError) else exit_code_for(error)
            if code is None:
                _simplify(error)
                raise
            stderr.print(
                stderr.render_str("[bold red]Error:[/] ")
                + message_for(error, ctx.invoked_subcommand or "")
            )
            raise typer.Exit(code) from error
