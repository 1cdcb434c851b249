"""The progress of an import, stored in a file so that the next run can continue."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

from interactions_sdk.errors import BadRequestError
from interactions_sdk.transfer.files import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from interactions_sdk.transfer.readers import Line

__all__ = ["ProgressFile"]


class ProgressFile:
    """Records how many lines have been processed, and their hash; without a path, nothing.

    Attributes:
        skipped: How many lines an earlier run processed.
    """

    def __init__(self, path: str | Path | None) -> None:
        self._path = None if path is None else Path(path)
        self._lines = 0
        self._hash = hashlib.sha256()
        self.skipped = 0

    def skip(self, lines: Iterator[Line]) -> None:
        """Skip the lines that an earlier run processed.

        Raises:
            BadRequestError: The lines have changed, or the file is not a progress file.
        """
        if self._path is None or not self._path.exists():
            return
        try:
            noted = cast("dict[str, object]", json.loads(self._path.read_text(encoding="utf-8")))
            count, digest = int(str(noted["lines"])), str(noted["sha256"])
        except (ValueError, LookupError, TypeError) as error:
            raise BadRequestError(f"{self._path} does not say how far an import got.") from error
        for line in lines:
            self.add(line)
            if self._lines == count:
                break
        if self._hash.hexdigest() != digest:
            raise BadRequestError(
                f"The first {count} lines have changed since {self._path} was written. Remove it "
                "to import from the start: lines already written are not duplicated."
            )
        self.skipped = count

    def add(self, line: Line) -> None:
        """Count a line as processed."""
        if self._path is None:
            return
        self._lines += 1
        self._hash.update("\x1e".join(line.raw).encode(errors="surrogateescape") + b"\x1d")

    def save(self) -> None:
        """Save the count."""
        if self._path is None:
            return
        noted = {"lines": self._lines, "sha256": self._hash.hexdigest()}
        with atomic_file(self._path) as part:
            part.write_text(json.dumps(noted) + "\n", encoding="utf-8")

    def remove(self) -> None:
        """Remove the file after all lines have been processed."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
