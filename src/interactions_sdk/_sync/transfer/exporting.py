# Generated from src/interactions_sdk/_async/transfer/exporting.py by scripts/unasync.py; do not edit.
"""Exporting interactions to a file, a few thousand at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from interactions_sdk.errors import file_errors
from interactions_sdk.transfer.files import open_csv, open_jsonl, open_parquet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from interactions_sdk._sync.reader import InteractionReader
    from interactions_sdk.filters import InteractionFilters
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.transfer.files import OpenFile

__all__ = ["export"]

_BATCH_SIZE = 5000
"""Number of interactions written at once, about 15 MB; a row group of a Parquet file."""
_OPEN: Mapping[str, OpenFile] = {"csv": open_csv, "jsonl": open_jsonl, "parquet": open_parquet}


def export(
    reader: InteractionReader,
    file_format: Literal["csv", "jsonl", "parquet"],
    path: str | Path,
    filters: InteractionFilters,
    *,
    newest_first: bool,
    include_unverified: bool,
    customer_names: bool,
    on_progress: Callable[[int], object] | None,
) -> int:
    """Write interactions to a file; see `InteractionRepository.export_csv`."""
    pages = reader.pages(filters, newest_first=newest_first, include_unverified=include_unverified)
    written = 0
    waiting: list[CustomerInteraction] = []
    with file_errors(path), _OPEN[file_format](path, has_names=customer_names) as write:
        for page in pages:
            waiting += page
            if len(waiting) >= _BATCH_SIZE:
                write(waiting, reader.customer_names(waiting) if customer_names else None)
                written += len(waiting)
                waiting = []
                if on_progress is not None:
                    on_progress(written)
        write(waiting, reader.customer_names(waiting) if customer_names else None)
    written += len(waiting)
    if on_progress is not None:
        on_progress(written)
    return written
