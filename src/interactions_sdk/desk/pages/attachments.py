"""Files of an interaction: uploading, downloading and removing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from interactions_sdk.desk.pages.routes import PageRoute
from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interactions_sdk.desk.visit import Visit

__all__ = ["ROUTES"]

T = TypeVar("T")


async def _attach(visit: Visit) -> Response:
    file = visit.file("file")
    if file is None:
        raise BadRequestError("Choose a file first.")
    await visit.repo.attach(visit.id, await file.read(), name=file.filename)
    return visit.go(f"/interactions/{visit.id}", notice="attached")


async def _download(visit: Visit) -> Response:
    """Send a file as a download, because its content is not trusted."""
    attachment = _numbered(visit, await visit.repo.list_attachments(visit.id))
    if attachment.name is None:
        raise HTTPException(404, "This file no longer exists.")
    content = await visit.repo.read_attachment(visit.id, attachment.link)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(attachment.name, safe='')}",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


async def _detach(visit: Visit) -> Response:
    """Remove an attachment, if it is still the one that was shown at this position."""
    interaction = await visit.repo.get(visit.id)
    links = interaction.metadata.attachments if interaction.metadata else []
    if _numbered(visit, links) != visit.sent("link"):
        raise HTTPException(404, "This file no longer exists.")
    await visit.repo.detach(interaction.id, visit.sent("link"))
    return visit.go(f"/interactions/{interaction.id}", notice="detached")


def _numbered(visit: Visit, attachments: Sequence[T]) -> T:
    """Return the attachment at the position in the URL."""
    number: int = visit.request.path_params["number"]
    if number >= len(attachments):
        raise HTTPException(404, "This file no longer exists.")
    return attachments[number]


ROUTES = (
    PageRoute("POST", "/interactions/{id}/attachments", _attach),
    PageRoute("GET", "/interactions/{id}/attachments/{number:int}", _download),
    PageRoute("POST", "/interactions/{id}/attachments/{number:int}/detach", _detach),
)
