"""Asynchronous results that can be awaited for one page, or looped over for all pages."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator

    from interactions_sdk.models.page import AsyncPage

__all__ = ["PendingPage", "pending_page"]

T = TypeVar("T")
P = ParamSpec("P")


class PendingPage(Coroutine[Any, Any, "AsyncPage[T]"], Generic[T]):
    """The result of an asynchronous `find`: `await` it, or use `async for` directly.

    It is a coroutine, so `asyncio.create_task` and task groups also accept it.

    Example:
        >>> from interactions_sdk import AsyncInteractionsClient
        >>> async def count_calls() -> int:
        ...     async with AsyncInteractionsClient.embedded() as crm:
        ...         calls = crm.as_admin("root").find(interaction_type="call")
        ...         return len([call async for call in calls])
        >>> import asyncio
        >>> asyncio.run(count_calls())
        0
    """

    __slots__ = ("_reading",)

    def __init__(self, reading: Coroutine[Any, Any, AsyncPage[T]]) -> None:
        self._reading = reading

    def __await__(self) -> Generator[Any, Any, AsyncPage[T]]:
        return self._reading.__await__()

    async def __aiter__(self) -> AsyncIterator[T]:
        async for item in await self._reading:
            yield item

    def send(self, value: Any) -> Any:  # noqa: ANN401 - as a coroutine's
        """Continue; called by the event loop."""
        return self._reading.send(value)

    def throw(self, *error: Any) -> Any:  # noqa: ANN401 - as a coroutine's
        """Continue with an error, such as a cancellation."""
        return self._reading.throw(*error)

    def close(self) -> None:
        """Discard it; nothing was sent unless it was awaited."""
        self._reading.close()


def pending_page(
    method: Callable[P, Coroutine[Any, Any, AsyncPage[T]]],
) -> Callable[P, PendingPage[T]]:
    """Decorate a method that returns a page, so its result can be looped over without `await`.

    `scripts/unasync.py` removes the decorator, because a synchronous method returns the page
    itself.
    """

    @wraps(method)
    def read(*args: P.args, **kwargs: P.kwargs) -> PendingPage[T]:
        return PendingPage(method(*args, **kwargs))

    return read
