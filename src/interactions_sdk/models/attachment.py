"""A file that is attached to an interaction."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Attachment"]


class Attachment(BaseModel):
    """An attachment of an interaction.

    Name, type and size are None for a link to another place, and for a file that is gone.

    Attributes:
        link: The link in `metadata.attachments`.
        name: The name of the file.
        mime_type: What Appwrite takes it for, such as `application/pdf`.
        size: Its size in bytes.
    """

    model_config = ConfigDict(frozen=True)

    link: str
    name: str | None = None
    mime_type: str | None = None
    size: int | None = None
