"""Removing local variables from traceback frames that handled a secret."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["SecretFrames"]


class SecretFrames:
    """Clears the frames below this block when an exception leaves it.

    Error reporters (Sentry by default, rich on request) show the local variables of every frame of
    a traceback. The frames that build and send a request contain its headers, in this library, in
    httpx and below, so their variables are cleared; files, lines and messages stay. The function
    with the block must not have a secret in its own variables.

    Example:
        >>> def send(key):
        ...     raise KeyboardInterrupt
        >>> try:
        ...     with SecretFrames():
        ...         send("standard_c0ffee")
        ... except KeyboardInterrupt as error:
        ...     error.__traceback__.tb_next.tb_frame.f_locals
        {}
    """

    __slots__ = ("_handled",)

    def __enter__(self) -> None:
        # An exception that is already being handled belongs to the caller, and so do its frames.
        self._handled = sys.exception()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if error is not None:
            _clear(error, {id(self._handled)})


def _clear(error: BaseException, seen: set[int]) -> None:
    if id(error) in seen:
        return
    seen.add(id(error))
    traceback.clear_frames(error.__traceback__)
    for other in (error.__cause__, error.__context__, *_grouped(error)):
        if other is not None:
            _clear(other, seen)


def _grouped(error: BaseException) -> tuple[BaseException, ...]:
    if not isinstance(error, BaseExceptionGroup):
        return ()
    return cast("BaseExceptionGroup[BaseException]", error).exceptions
