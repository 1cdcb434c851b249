"""Who listens to which channels, and what waits to be told to them."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from interactions_sdk.embedded.values.identifiers import unique

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from interactions_sdk.embedded.access.actors import Actor
    from interactions_sdk.embedded.events import Raised

MOST_WAITING = 4096
"""Events that wait for one subscriber; one that falls further behind is cut off."""


class Subscriber:
    """One who listens.

    Args:
        channels: What to.
        actor: Who; only what it may read is told.
        wake: Is called when something waits that did not before.
        cut_off: Is called once when too much waits.

    Attributes:
        id: The id of the subscription.
    """

    def __init__(
        self,
        channels: Iterable[str],
        actor: Actor,
        *,
        wake: Callable[[], object],
        cut_off: Callable[[], object],
    ) -> None:
        self.id = unique()
        self.channels = frozenset(channels)
        self.actor = actor
        self._wake = wake
        self._cut_off = cut_off
        self._waiting: deque[Raised] = deque()
        self._lock = threading.Lock()

    def offer(self, raised: Raised) -> None:
        """Put an event where it waits, if it is one for this subscriber; this never blocks."""
        if self.channels.isdisjoint(raised.channels) or not self.actor.may(raised.readers):
            return
        with self._lock:
            waiting = len(self._waiting)
            if waiting < MOST_WAITING:
                self._waiting.append(raised)
        if waiting == 0:
            self._wake()
        elif waiting == MOST_WAITING:
            self._cut_off()

    def taken(self) -> list[Raised]:
        """Take what waits."""
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
        return taken


class Subscribers:
    """All who listen to one server."""

    def __init__(self) -> None:
        self._all: tuple[Subscriber, ...] = ()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._all)

    def add(self, subscriber: Subscriber) -> None:
        """Let one listen from now on."""
        with self._lock:
            self._all = (*self._all, subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """Let one listen no more."""
        with self._lock:
            self._all = tuple(each for each in self._all if each is not subscriber)

    def tell(self, events: Sequence[Raised]) -> None:
        """Tell events, in their order, to those who listen for them."""
        for subscriber in self._all:
            for raised in events:
                subscriber.offer(raised)
