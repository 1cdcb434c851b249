"""The style sheet and the script, which browsers keep until they change."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["ASSETS", "VERSION", "send_asset"]

_TYPES = {
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
ASSETS = {
    name: files("interactions_sdk.desk").joinpath("static", name).read_bytes() for name in _TYPES
}
VERSION = sha256(b"".join(ASSETS.values())).hexdigest()[:12]
"""A part of their addresses."""


async def send_asset(request: Request) -> Response:
    """Return one of them."""
    name = request.path_params["name"]
    if name not in ASSETS:
        raise HTTPException(404)
    return Response(
        ASSETS[name],
        media_type=_TYPES[name],
        headers={"cache-control": "public, max-age=31536000, immutable"},
    )
