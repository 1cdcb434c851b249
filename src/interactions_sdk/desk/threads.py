"""A synchronous client where an asynchronous one is expected: its calls run in threads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self, cast

from anyio import CapacityLimiter, to_thread

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from interactions_sdk import AsyncInteractionsClient, InteractionsClient, Watch

__all__ = ["MAX_WATCHES", "in_threads"]

MAX_WATCHES = 50
_ACTORS = frozenset({"as_user", "as_admin"})
_PARTS = frozenset({"audit", "customers", "follow_ups"})
_ITERATORS = frozenset({"due", "iterate", "overdue", "today", "upcoming"})
_END = object()

_watches = CapacityLimiter(MAX_WATCHES)
"""Threads that wait for changes, separate from those for everything else."""


def in_threads(crm: InteractionsClient) -> AsyncInteractionsClient:
    """Return a client whose methods are awaited, and run in threads."""
    return cast("AsyncInteractionsClient", _Threaded(crm))


class _Threaded:
    def __init__(self, inner: object) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - what the inner object has
        value: Any = getattr(self._inner, name)
        if name in _PARTS:
            return _Threaded(value)
        if not callable(value):
            return value
        method = cast("Callable[..., Any]", value)
        if name in _ACTORS:
            return partial(_act, method)
        if name in _ITERATORS:
            return partial(_iterate, method)
        if name == "watch":
            return partial(_watch, method)
        return partial(_call, method)


def _act(function: Callable[[str], object], user_id: str) -> _Threaded:
    return _Threaded(function(user_id))


def _watch(function: Callable[..., Watch], **options: object) -> _ThreadedWatch:
    return _ThreadedWatch(function(**options))


async def _call(function: Callable[..., Any], *args: object, **options: object) -> Any:  # noqa: ANN401 - see above
    return await to_thread.run_sync(partial(function, *args, **options))


async def _iterate(
    function: Callable[..., Iterator[Any]], *args: object, **options: object
) -> AsyncGenerator[Any]:
    """Yield the items of an iterator, each step in a thread."""
    items = iter(function(*args, **options))
    while (item := await to_thread.run_sync(next, items, _END)) is not _END:
        yield item


class _ThreadedWatch:
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def __aenter__(self) -> Self:
        await to_thread.run_sync(self._watch.__enter__)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watch.stop()

    async def __anext__(self) -> Any:  # noqa: ANN401 - see above
        # If the caller stops waiting, the watch is stopped and the thread ends.
        return await to_thread.run_sync(next, self._watch, abandon_on_cancel=True, limiter=_watches)

    def stop(self) -> None:
        """End it, from any thread."""
        self._watch.stop()
