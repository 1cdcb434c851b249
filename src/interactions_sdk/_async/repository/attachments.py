"""Attaching files to interactions, and reading them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk._async.repository.base import AsyncRepositoryBase

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk.models.attachment import Attachment
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["AsyncInteractionAttachments"]


class AsyncInteractionAttachments(AsyncRepositoryBase):
    """Attaching files to interactions, and reading them."""

    async def attach(
        self, id: str, file: bytes | str | Path, *, name: str | None = None
    ) -> CustomerInteraction:
        """Attach a file to an interaction: upload it, and link it in `metadata.attachments`.

        The file has the permissions of the interaction, so its owner can read it. If the link
        cannot be written, the file is deleted again. Attaching the same file twice stores it once,
        so an interrupted call can be repeated.

        Args:
            id: The ID of the interaction.
            file: Its content, or its path; `Settings.attachments_max_bytes` bytes at most.
            name: The file name (default for a path: its name).

        Returns:
            The interaction with the link.

        Raises:
            ConfigurationError: `Settings.attachments_bucket` is not set.
            BadRequestError: The file is empty, too large or of a type that the settings do not
                allow, or the link does not fit into the metadata.
            SchemaError: The bucket does not exist; `crm.schema.apply()` creates it.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient, Settings
            >>> settings = Settings(attachments_bucket="attachments")
            >>> async with AsyncInteractionsClient.embedded(settings=settings) as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     call = await ada.attach(call.id, b"Dear Ada", name="offer.txt")
            ...     [link] = call.metadata.attachments
            ...     print(await ada.read_attachment(call.id, link))
            ...     call = await ada.detach(call.id, link)
            ...     print(call.metadata.attachments)
            b'Dear Ada'
            []
        """
        return await self._attachments.attach(id, file, name)

    async def list_attachments(self, id: str) -> list[Attachment]:
        """Return the attachments of an interaction, with the names and sizes of its files.

        Args:
            id: The ID of the interaction.

        Raises:
            ConfigurationError: `Settings.attachments_bucket` is not set.

        Example:
            >>> from interactions_sdk import AsyncInteractionsClient, Settings
            >>> settings = Settings(attachments_bucket="attachments")
            >>> async with AsyncInteractionsClient.embedded(settings=settings) as crm:
            ...     customer = await crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = await ada.log_call("Renewal")
            ...     call = await ada.attach(call.id, b"Dear Ada", name="offer.txt")
            ...     for attachment in await ada.list_attachments(call.id):
            ...         print(attachment.name, attachment.size)
            offer.txt 8
        """
        return await self._attachments.list_attachments(id)

    async def read_attachment(self, id: str, link: str) -> bytes:
        """Return the content of an attached file.

        Args:
            id: The ID of the interaction.
            link: One of its `metadata.attachments`.

        Raises:
            BadRequestError: The interaction has no such attachment.
            NotFoundError: The file no longer exists.

        Example:
            See `attach`.
        """
        return await self._attachments.read_attachment(id, link)

    async def open_attachment(self, id: str, link: str) -> bytes:
        """Return the content of an attached file: the former name of `read_attachment`."""
        return await self.read_attachment(id, link)

    async def detach(self, id: str, link: str) -> CustomerInteraction:
        """Remove an attachment: first the link, then the file. Repeat it after a failure.

        Args:
            id: The ID of the interaction.
            link: One of its `metadata.attachments`. If it points to a file that was not attached to
                this interaction, only the link is removed.

        Returns:
            The interaction without the link.

        Example:
            See `attach`.
        """
        return await self._attachments.detach(id, link)
