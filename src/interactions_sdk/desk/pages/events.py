"""Changes as they happen, for open pages (server-sent events)."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from interactions_sdk.desk.pages.routes import PageRoute
from interactions_sdk.desk.threads import MAX_WATCHES
from interactions_sdk.errors import InteractionsError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.responses import Response

    from interactions_sdk import Change
    from interactions_sdk.desk.visit import Visit

__all__ = ["MAX_STREAMS", "ROUTES"]

logger = logging.getLogger("interactions_sdk")

MAX_STREAMS = MAX_WATCHES
"""Maximum number of open pages that listen, because each of them polls."""
_INTERVAL = 1.0
_KEEP_ALIVE_SECONDS = 15.0
"""Proxies close idle connections, and only sending shows that a browser has gone."""
_RETRY = "retry: 10000\n\n"
_WATCHING = ": watching\n\n"
"""A comment; all changes from here on are reported."""


async def _listen(visit: Visit) -> Response:
    state = visit.request.app.state
    if state.streams >= MAX_STREAMS:
        raise HTTPException(503, "Too many pages are open.")
    return StreamingResponse(_events(visit), media_type="text/event-stream")


async def _events(visit: Visit) -> AsyncGenerator[str]:
    """Yield an event for each change that the person can see, and comments in between."""
    state = visit.request.app.state
    state.streams += 1
    try:
        yield _RETRY
        async with visit.repo.watch(interval=_INTERVAL) as changes:
            yield _WATCHING
            following = asyncio.ensure_future(anext(changes))
            try:
                while True:
                    await asyncio.wait({following}, timeout=_KEEP_ALIVE_SECONDS)
                    if not following.done():
                        yield ": still here\n\n"
                        continue
                    yield _event(following.result())
                    following = asyncio.ensure_future(anext(changes))
            finally:
                changes.stop()
                following.cancel()
    except InteractionsError as error:  # the browser asks again after a while
        logger.warning(
            "the desk stopped watching for %s: %s",
            visit.person.id,
            type(error).__name__,
            extra={"interactions_sdk": {"failure": type(error).__name__}},
        )
    finally:
        state.streams -= 1


def _event(change: Change) -> str:
    data = {
        "kind": change.kind,
        "id": change.interaction.id,
        "customer": change.interaction.customer_id,
    }
    return f"event: change\ndata: {json.dumps(data)}\n\n"


ROUTES = (PageRoute("GET", "/events", _listen),)
