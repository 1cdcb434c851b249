"""An export of another system, recognized by its header, as the columns of an import."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal, get_args

from interactions_sdk.arguments import describe, suggestion
from interactions_sdk.errors import BadRequestError
from interactions_sdk.integrations.crm_exports import (
    close,
    espocrm,
    hubspot,
    pipedrive,
    salesforce,
    zoho,
)
from interactions_sdk.integrations.crm_exports.layout import Cells, normalize
from interactions_sdk.integrations.crm_exports.mapping_file import MappingFile
from interactions_sdk.transfer.date_columns import DateConverter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Self

    from interactions_sdk.integrations.crm_exports.layout import Layout
    from interactions_sdk.transfer import ColumnMapping, Converter, ImportReport, Row
    from interactions_sdk.transfer.input_files import OpenReader

__all__ = ["PRESETS", "CrmExport", "Preset"]

Preset = Literal["auto", "hubspot", "salesforce", "pipedrive", "zoho", "close", "espocrm"]
"""The supported systems; `auto` chooses the one whose columns match."""

PRESETS: tuple[Preset, ...] = get_args(Preset)

_LAYOUTS: dict[str, Sequence[Layout]] = {
    "hubspot": hubspot.LAYOUTS,
    "salesforce": salesforce.LAYOUTS,
    "pipedrive": pipedrive.LAYOUTS,
    "zoho": zoho.LAYOUTS,
    "close": close.LAYOUTS,
    "espocrm": espocrm.LAYOUTS,
}


class CrmExport:
    """One export: what its columns mean.

    Raises:
        BadRequestError: The preset is unknown, the columns do not match an export of the system, or
            the mapping file is invalid.

    Example:
        >>> from pathlib import Path
        >>> header = ["Record ID", "Call title", "Call direction", "Activity date"]
        >>> CrmExport("auto", header, Path("people.csv")).name
        'HubSpot calls'
    """

    def __init__(self, preset: Preset, header: Sequence[str], mapping: str | Path) -> None:
        if preset not in PRESETS:
            raise BadRequestError(
                f"preset= takes {', '.join(PRESETS)}, not {describe(preset)}."
                f"{suggestion(preset, PRESETS)}"
            )
        self._names = {normalize(column): column for column in header if column}
        self._layout = self._recognize(preset, header)
        self._mapping = MappingFile(mapping)
        self._path = mapping

    @classmethod
    def open(
        cls,
        preset: Preset,
        path: str | Path,
        mapping: str | Path | None,
        file: AbstractContextManager[OpenReader],
    ) -> Self:
        """Recognize an export by the header of its file.

        Without a mapping file, it is named like the file, with `.mapping.csv` at the end.
        """
        with file as open_reader:
            header = open_reader().columns
        return cls(preset, header or (), mapping or f"{path}.mapping.csv")

    def _recognize(self, preset: Preset, header: Sequence[str]) -> Layout:
        """Find the layout; if several match, the one with the most columns."""
        layouts = [
            layout for crm in _LAYOUTS if preset in {"auto", crm} for layout in _LAYOUTS[crm]
        ]
        fitting = [layout for layout in layouts if layout.fits(self._names)]
        if fitting:
            return max(fitting, key=lambda layout: len(layout.signature))
        expected = (
            f"Known are {', '.join(layout.name for layout in layouts)}"
            if preset == "auto"
            else "Needed are "
            + "; ".join(f"{layout.name}: {', '.join(layout.signature)}" for layout in layouts)
        )
        raise BadRequestError(
            f"The file is not a known export: its columns are {', '.join(filter(None, header))}. "
            f"{expected}. Map the columns yourself, with columns=."
        )

    @property
    def name(self) -> str:
        """The recognized layout, such as `HubSpot calls`."""
        return self._layout.name

    @property
    def columns(self) -> ColumnMapping:
        """The source of each field of a draft."""
        fields: dict[str, str | Converter | Callable[[Row], object]] = {
            field: partial(self._read, read) for field, read in self._layout.fields.items()
        }
        fields |= {
            field: _date_converter(partial(self._read_text, text))
            for field, text in self._layout.dates.items()
        }
        # The owner is counted before a customer without an ID ends the reading of a line.
        return {
            "metadata": self._metadata,
            "customer_id": self._customer,
            "idempotency_key": self._key,
            **fields,
        }

    def _read(self, read: Callable[[Cells], object], row: Row) -> object:
        return read(Cells(row, self._names))

    def _read_text(self, read: Callable[[Cells], str | None], row: Row) -> str | None:
        return read(Cells(row, self._names))

    def _customer(self, row: Row) -> str:
        external_id, name = self._layout.customer(Cells(row, self._names))
        if not external_id and not name:
            columns = [name for each in self._layout.customers for name in (each.id, *each.names)]
            raise ValueError(f"none of {', '.join(columns)} is given")
        customer_id = self._mapping.find("customer", name, external_id)
        if customer_id is None:
            shown = " ".join(repr(each) for each in (external_id, name) if each)
            raise ValueError(f"{shown} has no id in {self._path}")
        return customer_id

    def _metadata(self, row: Row) -> dict[str, object]:
        """Store the owner, and columns without a field, as custom fields."""
        cells = Cells(row, self._names)
        external_id, name = self._layout.owner(cells)
        is_owned = external_id or name
        user_id = self._mapping.find("owner", name, external_id) if is_owned else None
        fields = {
            "source": self._layout.name,
            "owner": user_id or name or external_id or None,
            **{name: cells.first(name) for name in self._layout.kept},
        }
        kept = {name: value for name, value in fields.items() if value is not None}
        return {"customFields": kept, **({"participants": [user_id]} if user_id else {})}

    def _key(self, row: Row) -> str | None:
        record = Cells(row, self._names).first(self._layout.record)
        return None if record is None else f"{self._layout.name} {record}"

    def finish(self, report: ImportReport) -> ImportReport:
        """Return the report with the name of the layout; a dry run writes the mapping file."""
        if report.dry_run:
            self._mapping.save()
        return replace(
            report,
            layout=self.name,
            unmapped=self._mapping.missing,
            matched_by_name=self._mapping.matched_by_name,
        )


def _date_converter(text: Callable[[Row], str | None]) -> DateConverter:
    return DateConverter(columns=(), read=text, text=text)
