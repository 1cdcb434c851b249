"""Files to write interactions to: CSV, JSON Lines and Parquet."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from interactions_sdk.errors import ConfigurationError
from interactions_sdk.transfer.writers import (
    CSV_HEAD,
    CSV_HEAD_WITH_NAMES,
    CUSTOMER_NAME,
    to_csv,
    to_json_lines,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from contextlib import AbstractContextManager
    from types import ModuleType

    from interactions_sdk.models.interaction import CustomerInteraction

    Names = Mapping[str, str]
    """The names of customers, by ID."""

    class Write(Protocol):
        """Writes some interactions to a file that is open."""

        def __call__(
            self, interactions: list[CustomerInteraction], names: Names | None = None
        ) -> object:
            """Write them, with what their customers are called if there is a column for it."""
            ...

    class OpenFile(Protocol):
        """Opens a file to write to."""

        def __call__(
            self, path: str | Path, *, has_names: bool = False
        ) -> AbstractContextManager[Write]:
            """Open it."""
            ...


__all__ = [
    "UTF_8_FOR_SPREADSHEETS",
    "atomic_file",
    "import_extra",
    "open_csv",
    "open_jsonl",
    "open_parquet",
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
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(whole)
        sync_folder(whole.parent)
    finally:
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until the names of new files are on the disk; Windows does not support this."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def open_csv(path: str | Path, *, has_names: bool = False) -> Generator[Write]:
    """Open a CSV file for writing, with the byte order mark that spreadsheets need for UTF-8."""
    with (
        atomic_file(path) as part,
        part.open("w", encoding=UTF_8_FOR_SPREADSHEETS, newline="") as file,
    ):
        file.write(CSV_HEAD_WITH_NAMES if has_names else CSV_HEAD)
        yield lambda interactions, names=None: file.write(to_csv(interactions, names))


@contextmanager
def open_jsonl(path: str | Path, *, has_names: bool = False) -> Generator[Write]:  # noqa: ARG001 - each line has its keys
    """Open a JSON Lines file for writing."""
    with atomic_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        yield lambda interactions, names=None: file.write(to_json_lines(interactions, names))


@contextmanager
def open_parquet(path: str | Path, *, has_names: bool = False) -> Generator[Write]:
    """Open a Parquet file for writing, with the columns of `reports.SCHEMA`."""
    parquet = import_extra("pyarrow.parquet")
    frame = import_extra("interactions_sdk.reports").frame

    def table(interactions: list[CustomerInteraction], names: Names | None) -> Any:  # noqa: ANN401 - pyarrow's
        rows = frame(interactions).to_arrow()
        if names is None:
            return rows
        called = [names.get(each.customer_id) for each in interactions]
        text = rows.schema.field("customer_id").type
        return rows.append_column(CUSTOMER_NAME, import_extra("pyarrow").array(called, text))

    schema = table([], {} if has_names else None).schema
    with (
        atomic_file(path) as part,
        parquet.ParquetWriter(part, schema, compression="zstd") as writer,
    ):
        yield lambda interactions, names=None: writer.write_table(table(interactions, names))


def import_extra(module: str, name: str = "reports") -> ModuleType:
    """Import a module of the optional extra `name`.

    Raises:
        ConfigurationError: It is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"This needs the package {error.name}: "
            f"install interactions-sdk with the extra `{name}`."
        ) from error
