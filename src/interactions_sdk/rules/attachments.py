"""Links to files in the metadata of an interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.errors import BadRequestError
from interactions_sdk.models.metadata import MAX_METADATA_LENGTH, InteractionMetadata

if TYPE_CHECKING:
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.rules.operations import ColumnValue

__all__ = ["add_link", "attachment_links", "remove_link"]


def attachment_links(interaction: CustomerInteraction) -> list[str]:
    """Return the links to attached files."""
    return interaction.metadata.attachments if interaction.metadata is not None else []


def add_link(interaction: CustomerInteraction, link: str) -> dict[str, ColumnValue]:
    """Return the columns of an interaction with one more link; empty if it already has the link.

    Raises:
        BadRequestError: The link does not fit into the metadata, or the metadata is not JSON.
    """
    links = attachment_links(interaction)
    return {} if link in links else _with_links(interaction, [*links, link])


def remove_link(interaction: CustomerInteraction, link: str) -> dict[str, ColumnValue]:
    """Return the columns of an interaction without a link; empty if it does not have the link."""
    links = attachment_links(interaction)
    if link not in links:
        return {}
    return _with_links(interaction, [each for each in links if each != link])


def _with_links(interaction: CustomerInteraction, links: list[str]) -> dict[str, ColumnValue]:
    metadata = interaction.metadata or InteractionMetadata()
    text = metadata.model_copy(update={"attachments": links}).to_wire()
    if metadata.invalid_text is not None:
        raise BadRequestError(
            f"The metadata of interaction '{interaction.id}' is not valid JSON. "
            "Fix it before attaching files."
        )
    if len(text) > MAX_METADATA_LENGTH:
        raise BadRequestError(
            f"The metadata of interaction '{interaction.id}' may have {MAX_METADATA_LENGTH} "
            "characters, and one more link does not fit."
        )
    return {"metadata": text}
