"""Checks of arguments, in one place for both versions of the library.

Which error an invalid argument raises:

- a wrong argument of an operation: `BadRequestError`;
- a wrong argument of a constructor, a wrong setting or variable, a report that cannot run:
  `ConfigurationError`;
- wrong contents of a draft (`InteractionCreate`, `InteractionUpdate`, also the one that `log_call`
  makes) or of `Settings`: pydantic's `ValidationError`, which lists every wrong field;
- a file that cannot be read or written: `FileAccessError`, which is an `OSError` as well.

All but pydantic's are `InteractionsError`s. Each message names the argument, what was given and
what would be right. Secrets are never repeated, and texts are cut at 40 characters (by pydantic,
in a `ValidationError`, at 50).
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from interactions_sdk.errors import BadRequestError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = [
    "check_callable",
    "check_duration",
    "check_integer",
    "check_keywords",
    "check_text",
    "check_type",
    "describe",
    "is_one_edit_away",
    "suggestion",
]

T = TypeVar("T")
ArgumentError = type[BadRequestError] | type[ConfigurationError]

_MAX_SHOWN = 40
_SIMPLE = (bool, int, float, timedelta, type(None))


def describe(value: object) -> str:
    """Describe a value, short enough for a message and without the contents of models.

    Example:
        >>> describe("x" * 50)
        "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'"
        >>> describe(7), describe({"subject": "Renewal"}), describe(describe)
        ('7', 'a dict', 'a function')
    """
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return repr(value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}…")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, _SIMPLE):
        return repr(value)[:_MAX_SHOWN]
    name = value.__name__ if isinstance(value, type) else type(value).__name__
    article = "an" if name[:1].lower() in "aeiou" else "a"
    return f"the class {name}" if isinstance(value, type) else f"{article} {name}"


def suggestion(value: object, words: Iterable[str]) -> str:
    """Return a sentence that suggests the word that a mistyped one is close to, or nothing.

    Example:
        >>> suggestion("no answer", ["no_answer", "busy"]), suggestion("phone", ["call"])
        (" Did you mean 'no_answer'?", '')
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only for mistakes

    if not isinstance(value, str):
        return ""
    by_form = {_plain(word): word for word in words}
    close = get_close_matches(_plain(value), by_form, n=1, cutoff=0.7)
    return f" Did you mean {by_form[close[0]]!r}?" if close else ""


def is_one_edit_away(word: str, known: str) -> bool:
    """Return whether one character was left out, added, replaced, or swapped with the next one.

    Example:
        >>> is_one_edit_away("particpants", "participants"), is_one_edit_away("tags", "tags")
        (True, False)
    """
    start = next((i for i, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), None)
    if start is None:
        return abs(len(word) - len(known)) == 1
    rest, known_rest = word[start:], known[start:]
    return (
        rest[1:] in (known_rest, known_rest[1:])
        or rest == known_rest[1:]
        or (rest[1::-1] == known_rest[:2] and rest[2:] == known_rest[2:])
    )


def _plain(word: str) -> str:
    return word.strip().lower().replace("-", "_").replace(" ", "_")


def check_type(
    value: object,
    kind: type[T] | tuple[type[T], ...],
    name: str,
    expected: str,
    *,
    error: ArgumentError = BadRequestError,
    show: bool = True,
) -> T:
    """Return the value if it is of the type, or of one of them; True and False are no numbers.

    The message repeats the value, unless `show` is False, because it may be a secret.

    Example:
        >>> check_type("30", (int, float), "timeout", "a number of seconds")
        Traceback (most recent call last):
        ...
        interactions_sdk.BadRequestError: timeout must be a number of seconds, not '30'.
    """
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)):
        return value
    shown = describe(value) if show else f"of the type {type(value).__name__}"
    raise error(f"{name} must be {expected}, not {shown}.")


def check_integer(
    value: object,
    name: str,
    *,
    minimum: int,
    maximum: int | None = None,
    hint: str = "",
    error: ArgumentError = BadRequestError,
) -> int:
    """Return an integer within its range; the message ends with the hint.

    Example:
        >>> check_integer("10", "limit", minimum=1, maximum=5000)
        Traceback (most recent call last):
        ...
        interactions_sdk.BadRequestError: limit must be an integer from 1 to 5000, not '10'.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        is_high = maximum is not None and value > maximum
        if value >= minimum and not is_high:
            return value
    allowed = f"of {minimum} or more" if maximum is None else f"from {minimum} to {maximum}"
    message = f"{name} must be an integer {allowed}, not {describe(value)}. {hint}"
    raise error(message.rstrip())


def check_duration(value: object, name: str) -> timedelta:
    """Return a positive length of time.

    Example:
        >>> check_duration(7, "within")
        Traceback (most recent call last):
        ...
        interactions_sdk.BadRequestError: within must be a timedelta longer than 0, such as
        timedelta(days=7), not 7.
    """
    if isinstance(value, timedelta) and value > timedelta():
        return value
    raise BadRequestError(
        f"{name} must be a timedelta longer than 0, such as timedelta(days=7), "
        f"not {describe(value)}."
    )


def check_text(value: object, name: str, *, hint: str = "") -> str:
    """Return a non-empty string."""
    if isinstance(value, str) and value:
        return value
    message = f"{name} must be a non-empty string, not {describe(value)}. {hint}"
    raise BadRequestError(message.rstrip())


def check_callable(
    value: Callable[..., object] | None, name: str, *, error: ArgumentError = BadRequestError
) -> None:
    """Reject a value that is neither None nor callable."""
    if value is not None and not callable(value):
        raise error(f"{name} must be a function, not {describe(value)}.")


def check_keywords(keywords: Mapping[str, object], allowed: Iterable[str], noun: str) -> None:
    """Reject unknown keywords; `noun` is what a keyword is called, such as `filter`.

    Example:
        >>> check_keywords({"outcom": "busy"}, ["outcome", "text"], "filter")
        Traceback (most recent call last):
        ...
        interactions_sdk.BadRequestError: Unknown filter 'outcom'. Did you mean 'outcome'?
        Available: outcome, text.
    """
    names = list(allowed)
    for name in keywords:
        if name not in names:
            raise BadRequestError(
                f"Unknown {noun} {describe(name)}.{suggestion(name, names)} "
                f"Available: {', '.join(names)}."
            )
