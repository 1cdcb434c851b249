"""Routes of pages: reading is GET, changing is POST."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from starlette.responses import Response

from interactions_sdk.desk.visit import Visit

__all__ = ["Handler", "PageRoute"]

Handler = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class PageRoute:
    """A page (GET), or a form that is sent (POST) and may end the session."""

    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    signs_out: bool = False
