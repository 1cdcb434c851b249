"""The file that says who is who: owners to users, contacts and accounts to customers."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Literal

from interactions_sdk.errors import BadRequestError
from interactions_sdk.transfer.files import atomic_file

__all__ = ["MappingFile"]

_HEADER = ["kind", "name", "id", "lines"]
Kind = Literal["customer", "owner"]


class MappingFile:
    """Names of another system, and the IDs here.

    Args:
        path: A CSV file with the columns `kind` (`customer` or `owner`), `name`, `id` and `lines`;
            it need not exist yet.

    Raises:
        BadRequestError: It has other columns.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._ids: dict[tuple[str, str], str] = {}
        self._seen: Counter[tuple[str, str]] = Counter()
        if self._path.exists():
            self._read()

    def _read(self) -> None:
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"kind", "name", "id"} <= set(reader.fieldnames or ()):
                raise BadRequestError(
                    f"{self._path} is not a mapping file: it needs the columns kind, name and id. "
                    "A dry run writes one."
                )
            for row in reader:
                key = (str(row["kind"]).strip(), str(row["name"]).strip())
                self._ids[key] = (row["id"] or "").strip()

    def find(self, kind: Kind, name: str) -> str | None:
        """Return the ID of a name, and count the name; None if the file has none for it."""
        key = (kind, name)
        self._seen[key] += 1
        return self._ids.get(key) or None

    @property
    def missing(self) -> int:
        """How many names of customers have no ID."""
        return sum(
            kind == "customer" and not self._ids.get((kind, name)) for kind, name in self._seen
        )

    def save(self) -> None:
        """Write all names, those with the most lines first; IDs that were filled in stay."""
        names = {*self._ids, *self._seen}
        order = sorted(names, key=lambda key: (key[0], -self._seen[key], key[1]))
        with (
            atomic_file(self._path) as part,
            part.open("w", encoding="utf-8-sig", newline="") as file,
        ):
            writer = csv.writer(file)
            writer.writerow(_HEADER)
            for kind, name in order:
                writer.writerow(
                    [kind, name, self._ids.get((kind, name), ""), self._seen[kind, name]]
                )
