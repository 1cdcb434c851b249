"""Exporting interactions to a file, a few thousand at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from pathlib import Path

    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.transfer.files import OpenFile

__all__ = ["export"]

_BATCH_SIZE = 5000
"""Interactions that are written at once, some 15 MB; a row group of a Parquet file."""


async def export(
    pages: AsyncIterator[list[CustomerInteraction]],
    path: str | Path,
    open_file: OpenFile,
    on_progress: Callable[[int], object] | None,
    names_of: Callable[[list[CustomerInteraction]], Awaitable[Mapping[str, str]]] | None = None,
) -> int:
    """Write pages of interactions to a file.

    Args:
        pages: The interactions.
        path: The file; it is there when all is written, and not before.
        open_file: How its format is written.
        on_progress: Called with the number written.
        names_of: Returns what the customers of interactions are called; None for no such column.

    Returns:
        How many were written.
    """
    written = 0
    waiting: list[CustomerInteraction] = []
    with open_file(path, has_names=names_of is not None) as write:
        async for page in pages:
            waiting += page
            if len(waiting) >= _BATCH_SIZE:
                write(waiting, None if names_of is None else await names_of(waiting))
                written += len(waiting)
                waiting = []
                if on_progress is not None:
                    on_progress(written)
        write(waiting, None if names_of is None else await names_of(waiting))
    written += len(waiting)
    if on_progress is not None:
        on_progress(written)
    return written
