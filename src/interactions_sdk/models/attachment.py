"""A file that is attached to an interaction."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Attachment"]


class Attachment(BaseModel):
    """An attachment of an interaction.

    Name, type and size are None if the link does not point to an attached file, or the file is
    gone.

    Attributes:
        link: The link in `metadata.attachments`.
        name: The name of the file.
        mime_type: The type that Appwrite detected, such as `application/pdf`.
        size: Its size in bytes.
    """

    model_config = ConfigDict(frozen=True)

    link: str
    name: str | None = None
    mime_type: str | None = None
    size: int | None = None
