# Generated from src/interactions_sdk/_async/watching/watch.py by scripts/unasync.py; do not edit.
"""`watch()`: changes as they happen, until it is stopped."""

from __future__ import annotations

import logging
import random
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, NoReturn, Self

from interactions_sdk._sync.watching.polling import Poller
from interactions_sdk._sync.watching.realtime import (
    Realtime,
    RealtimeDisconnectedError,
    RealtimeUnavailableError,
)
from interactions_sdk.arguments import check_type
from interactions_sdk.change_tracking import PollInterval
from interactions_sdk.concurrency import StopEvent
from interactions_sdk.cursors import parse_since
from interactions_sdk.errors import APIError, BadRequestError, InteractionsError
from interactions_sdk.filters import parse_filters
from interactions_sdk.transport import retry
from interactions_sdk.wire.realtime import RowEvent

if TYPE_CHECKING:
    from types import TracebackType

    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.connection.project import Project
    from interactions_sdk.calendars import TimeLike
    from interactions_sdk.cursors import WatchPosition
    from interactions_sdk.filters import ChangeFilters
    from interactions_sdk.models.change import Change
    from interactions_sdk.transport.retry import RetryPolicy

__all__ = ["Watch", "start_watch"]

logger = logging.getLogger("interactions_sdk")

_IDLE_INTERVALS = 5.0
"""How many times the interval a pause grows to while there are no changes."""
_CATCH_UP_SECONDS = 30.0
"""Maximum pause while a websocket reports events, because a staged `bulkCreate` raises none."""
_MAX_EVENTS_PER_STEP = 100
_PENDING_ONLY = 0.005
"""Seconds to wait for a message that has already arrived."""


class Watch:
    """An iterator of changes as they happen, until it is stopped.

    It begins when its context is entered, or with the first call of `next`, and reports all writes
    from then on. Leaving the context stops it.

    Example:
        >>> from interactions_sdk import InteractionsClient
        >>> with InteractionsClient.embedded() as crm:
        ...     customer = crm.customers.ensure("ada")
        ...     ada = crm.as_user("ada")
        ...     with ada.watch(interval=0.1) as changes:
        ...         call = ada.log_call("Renewal")
        ...         for change in changes:
        ...             print(change.kind, change.interaction.subject)
        ...             changes.stop()
        created Renewal
    """

    def __init__(
        self,
        poller: Poller,
        realtime: Realtime | None,
        *,
        since: WatchPosition | None,
        interval: float,
        policy: RetryPolicy,
        is_asked_for: bool,
    ) -> None:
        self._poller = poller
        self._realtime = realtime
        self._since = since
        self._interval = interval
        self._policy = policy
        self._fallback_level = logging.WARNING if is_asked_for else logging.INFO
        self._stopped = StopEvent()
        self._ready: deque[Change] = deque()
        self._poll_interval = PollInterval(interval, _IDLE_INTERVALS * interval)
        self._next_poll = 0.0
        self._found = False
        self._failures = 0
        self._reconnect_at = 0.0
        self._losses = 0
        self._has_begun = False

    def __repr__(self) -> str:
        state = "stopped" if self._stopped.is_set else "running"
        return f"<{type(self).__name__} {state}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A watch cannot be pickled. Save the cursor of its last change instead.")

    def stop(self) -> None:
        """End the iteration, from any task or thread, even while it is waiting."""
        self._stopped.set()

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop, and close the websocket, if there is one."""
        self.stop()
        if self._realtime is not None:
            self._realtime.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Change:
        self._begin()
        while not self._stopped.is_set:
            if self._ready:
                return self._ready.popleft()
            self._advance()
        self.close()
        raise StopIteration

    def _begin(self) -> None:
        if self._has_begun:
            return
        if self._realtime is not None:
            # Before the first poll, so that nothing in between is lost.
            self._connect(self._realtime)
        try:
            self._poller.start(self._since)
        except BaseException:
            if self._realtime is not None:
                self._realtime.close()
            raise
        self._has_begun = True

    def _advance(self) -> None:
        """Perform one step: read events, poll, or wait."""
        realtime = self._realtime
        if realtime is not None and not realtime.is_open and monotonic() >= self._reconnect_at:
            self._connect(realtime)
        elif monotonic() < self._next_poll:
            self._sleep()
        else:
            self._receive_pending()
            self._poll()

    def _connect(self, realtime: Realtime) -> None:
        try:
            realtime.open(self._stopped)
        except RealtimeUnavailableError as reason:
            self._realtime = None
            logger.log(
                self._fallback_level,
                "watch: polling, since %s",
                reason,
                extra={"interactions_sdk": {"watch": "polling", "reason": str(reason)}},
            )
        except RealtimeDisconnectedError:
            self._handle_disconnect()
        else:
            if self._losses:
                logger.info(
                    "watch: the websocket is back",
                    extra={"interactions_sdk": {"watch": "websocket"}},
                )
            self._losses = 0
            self._poll_interval = PollInterval(self._interval, _CATCH_UP_SECONDS)
            self._poller.schedule("rows", "deletions")
            self._next_poll = 0.0

    def _handle_disconnect(self) -> None:
        """Poll until the websocket is connected again."""
        self._losses += 1
        pause = retry.backoff_delay(self._policy, self._losses, jitter=_jitter())
        self._reconnect_at = monotonic() + pause
        self._poll_interval = PollInterval(self._interval, _IDLE_INTERVALS * self._interval)
        self._next_poll = 0.0
        if self._losses == 1:
            logger.info(
                "watch: no websocket, polling until there is one",
                extra={"interactions_sdk": {"watch": "polling"}},
            )

    def _sleep(self) -> None:
        seconds = self._next_poll - monotonic()
        realtime = self._realtime
        if realtime is None:
            self._stopped.wait(seconds)
        elif realtime.is_open:
            self._receive_event(realtime, seconds)
        else:
            self._stopped.wait(min(seconds, self._reconnect_at - monotonic()))

    def _receive_event(self, realtime: Realtime, seconds: float) -> bool:
        """Process one message, and return whether there was one."""
        try:
            message = realtime.receive(max(0.0, seconds), self._stopped)
        except RealtimeDisconnectedError:
            self._handle_disconnect()
            return False
        if isinstance(message, RowEvent):
            change = self._poller.change_from_event(message)
            if change is not None:
                self._ready.append(change)
            elif not self._poller.is_idle:
                self._next_poll = 0.0
        return message is not None

    def _receive_pending(self) -> None:
        """Process events that have arrived, because they are older than the results of a poll."""
        for _ in range(_MAX_EVENTS_PER_STEP):
            realtime = self._realtime
            if (
                realtime is None
                or not realtime.is_open
                or not self._receive_event(realtime, _PENDING_ONLY)
            ):
                return

    def _poll(self) -> None:
        if self._poller.is_idle:
            realtime = self._realtime
            self._poller.schedule_next(both=realtime is not None and realtime.is_open)
        try:
            changes = self._poller.next_page()
        except InteractionsError as error:
            if not retry.is_transient(error):
                raise
            self._fail(error)
            return
        if self._failures:
            logger.info(
                "watch: the server answers again",
                extra={"interactions_sdk": {"watch": "answered"}},
            )
            self._failures = 0
        self._ready += changes
        self._found = self._found or bool(changes)
        if self._poller.is_idle:
            self._next_poll = monotonic() + self._poll_interval.next(found=self._found)
            self._found = False

    def _fail(self, error: InteractionsError) -> None:
        """Retry for as long as it takes: a watch survives a network that fails all night."""
        if not self._failures:
            logger.warning(
                "watch: no answer (%s), trying again",
                type(error).__name__,
                extra={
                    "interactions_sdk": {
                        "watch": "unanswered",
                        "failure": type(error).__name__,
                    }
                },
            )
        self._failures += 1
        retry_after = error.retry_after if isinstance(error, APIError) else None
        pause = retry.backoff_delay(
            self._policy, self._failures, jitter=_jitter(), retry_after=retry_after
        )
        self._next_poll = monotonic() + pause


def _jitter() -> float:
    return random.random()  # noqa: S311 - it spreads retries, it guards nothing


def start_watch(
    project: Project,
    filters: ChangeFilters,
    *,
    access: Access,
    since: TimeLike | None,
    interval: float,
    realtime: bool | None,
) -> Watch:
    """Return a watch; see `InteractionRepository.watch`.

    Raises:
        BadRequestError: The interval, the time or the cursor is invalid.
    """
    check_type(interval, (int, float), "interval", "a positive number of seconds")
    if not interval > 0:
        raise BadRequestError(f"interval must be a positive number of seconds, not {interval}.")
    row_filter = parse_filters(filters, tz=project.settings.time_zone)
    return Watch(
        Poller(project, access=access, row_filter=row_filter),
        None
        if realtime is False
        else Realtime(project.connection, project.tables.interactions, access),
        since=None
        if since is None
        else parse_since(since, row_filter.fingerprint(), project.settings.time_zone),
        interval=interval,
        policy=project.connection.policy,
        is_asked_for=realtime is True,
    )
