"""Files to write interactions to: CSV, JSON Lines and Parquet."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from interactions_sdk.errors import ConfigurationError
from interactions_sdk.transfer.writers import CSV_HEAD, to_csv, to_json_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from types import ModuleType

    from interactions_sdk.models.interaction import CustomerInteraction

    Write = Callable[[list[CustomerInteraction]], object]
    """Writes some interactions to a file that is open."""
    OpenFile = Callable[[str | Path], AbstractContextManager[Write]]

__all__ = [
    "UTF_8_FOR_SPREADSHEETS",
    "atomic_file",
    "import_extra",
    "open_csv",
    "open_jsonl",
    "open_parquet",
    "sync_file",
    "sync_folder",
]

UTF_8_FOR_SPREADSHEETS = "utf-8-sig"


@contextmanager
def atomic_file(path: str | Path) -> Generator[Path]:
    """Yield another path to write to, which becomes the file once the block has ended well.

    It is nobody else's, so that of two runs at once each writes a whole file, and the later stays.
    The file is on the disk when it gets its name, and so is the name when the block is left: after
    a power failure, there is the old file or the new one, and never half of one.
    """
    whole = Path(path)
    part = whole.with_name(f"{whole.name}.{uuid4().hex}.part")
    try:
        yield part
        sync_file(part)
        part.replace(whole)
        sync_folder(whole.parent)
    finally:
        part.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Wait until the contents of a file, which nobody writes any more, are on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names of new files are on the disk; Windows has no way to ask for it."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def open_csv(path: str | Path) -> Generator[Write]:
    """Open a CSV file to write, with the mark by which spreadsheets know UTF-8."""
    with (
        atomic_file(path) as part,
        part.open("w", encoding=UTF_8_FOR_SPREADSHEETS, newline="") as file,
    ):
        file.write(CSV_HEAD)
        yield lambda interactions: file.write(to_csv(interactions))


@contextmanager
def open_jsonl(path: str | Path) -> Generator[Write]:
    """Open a JSON Lines file to write."""
    with atomic_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        yield lambda interactions: file.write(to_json_lines(interactions))


@contextmanager
def open_parquet(path: str | Path) -> Generator[Write]:
    """Open a Parquet file to write, with the columns of `reports.SCHEMA`."""
    parquet = import_extra("pyarrow.parquet")
    frame = import_extra("interactions_sdk.reports").frame
    schema = frame([]).to_arrow().schema
    with (
        atomic_file(path) as part,
        parquet.ParquetWriter(part, schema, compression="zstd") as writer,
    ):
        yield lambda interactions: writer.write_table(frame(interactions).to_arrow())


def import_extra(module: str, name: str = "reports") -> ModuleType:
    """Import what only some installations have.

    Args:
        module: The module.
        name: The extra that it comes with.

    Raises:
        ConfigurationError: It is not installed; the message says how to.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"This needs the package {error.name}, which is not installed: "
            f'pip install "interactions-sdk[{name}]".'
        ) from error
