"""Files of an interaction: up, down and away."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from interactions_sdk.desk.pages.routes import PageRoute
from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from interactions_sdk.desk.visit import Visit

__all__ = ["ROUTES"]


async def _attach(visit: Visit) -> Response:
    id = visit.request.path_params["id"]
    file = visit.file("file")
    if file is None:
        raise BadRequestError("Choose a file first.")
    await visit.repo.attach(id, await file.read(), name=file.filename)
    return visit.go(f"/interactions/{id}", notice="attached")


async def _download(visit: Visit) -> Response:
    """Send a file, never to be shown by the browser: what is in it comes from anywhere."""
    id = visit.request.path_params["id"]
    link = await _link(visit)
    content = await visit.repo.read_attachment(id, link)
    name = f"{id}-{visit.request.path_params['number'] + 1}"
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


async def _detach(visit: Visit) -> Response:
    id = visit.request.path_params["id"]
    await visit.repo.detach(id, await _link(visit))
    return visit.go(f"/interactions/{id}", notice="detached")


async def _link(visit: Visit) -> str:
    """Return the link of a place in the list, if it is still the one that was shown."""
    interaction = await visit.repo.get(visit.request.path_params["id"])
    links: list[str] = interaction.metadata.attachments if interaction.metadata else []
    number: int = visit.request.path_params["number"]
    if number >= len(links) or visit.sent("link") not in ("", links[number]):
        raise HTTPException(404, "There is no such file any more.")
    return links[number]


ROUTES = (
    PageRoute("POST", "/interactions/{id}/attachments", _attach),
    PageRoute("GET", "/interactions/{id}/attachments/{number:int}", _download),
    PageRoute("POST", "/interactions/{id}/attachments/{number:int}/detach", _detach),
)
