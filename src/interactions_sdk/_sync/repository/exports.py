# Generated from src/interactions_sdk/_async/repository/exports.py by scripts/unasync.py; do not edit.
"""Exporting interactions to files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from interactions_sdk._sync.repository.base import RepositoryBase
from interactions_sdk.filters import InteractionFilters
from interactions_sdk.signatures import spell_out

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["InteractionExports"]


class InteractionExports(RepositoryBase):
    """Exporting interactions to files."""

    @spell_out(InteractionFilters, default=None)
    def export_csv(
        self,
        path: str | Path,
        *,
        newest_first: bool = False,
        include_unverified: bool = False,
        customer_names: bool = False,
        on_progress: Callable[[int], object] | None = None,
        **filters: Unpack[InteractionFilters],
    ) -> int:
        """Write interactions to a CSV file that is safe to open in a spreadsheet.

        Text that a spreadsheet would execute as a formula is prefixed with an apostrophe, which
        `import_csv` removes again. The columns are the fields of `CustomerInteraction`; times are
        ISO 8601 in UTC, permissions and metadata are JSON. The interactions are read page by page;
        the file appears only when it is complete.

        Args:
            path: The file; it is overwritten.
            newest_first: Whether the latest comes first.
            include_unverified: As in `find`; unverified rows lack the permission
                `read("user:...")` of their customer's user in the column `permissions`.
            customer_names: Whether to add a last column `customer_name`, with what
                `crm.customers.names` returns: one request for up to 100 customers.
            on_progress: Called from time to time with the number written.
            filters: Which interactions to include; see `InteractionFilters`.

        Returns:
            The number of interactions written.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import TemporaryDirectory
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = ada.log_call("=1+1")
            ...     with TemporaryDirectory() as folder:
            ...         file = Path(folder, "calls.csv")
            ...         print(ada.export_csv(file, interaction_type="call"))
            ...         print("'=1+1" in file.read_text())
            1
            True
        """
        from interactions_sdk._sync.transfer.exporting import export  # noqa: PLC0415 - see base.py

        return export(
            self._reader,
            "csv",
            path,
            filters,
            newest_first=newest_first,
            include_unverified=include_unverified,
            customer_names=customer_names,
            on_progress=on_progress,
        )

    @spell_out(InteractionFilters, default=None)
    def export_jsonl(
        self,
        path: str | Path,
        *,
        newest_first: bool = False,
        include_unverified: bool = False,
        customer_names: bool = False,
        on_progress: Callable[[int], object] | None = None,
        **filters: Unpack[InteractionFilters],
    ) -> int:
        """Write interactions to a JSON Lines file; otherwise like `export_csv`.

        Args:
            path: The file; it is overwritten.
            newest_first: Whether the latest comes first.
            include_unverified: As in `find`; unverified rows lack the permission
                `read("user:...")` of their customer's user in the column `permissions`.
            customer_names: Whether to add a last column `customer_name`, with what
                `crm.customers.names` returns: one request for up to 100 customers.
            on_progress: Called from time to time with the number written.
            filters: Which interactions to include; see `InteractionFilters`.

        Returns:
            The number of interactions written.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import mkdtemp
            >>> from interactions_sdk import InteractionsClient
            >>> path = Path(mkdtemp()) / "calls.jsonl"
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = ada.log_call("Renewal")
            ...     print(ada.export_jsonl(path))
            1
            >>> with InteractionsClient.embedded() as other:
            ...     customer = other.customers.ensure("ada")
            ...     print((other.as_user("ada").import_jsonl(path)).imported)
            1
        """
        from interactions_sdk._sync.transfer.exporting import export  # noqa: PLC0415 - see base.py

        return export(
            self._reader,
            "jsonl",
            path,
            filters,
            newest_first=newest_first,
            include_unverified=include_unverified,
            customer_names=customer_names,
            on_progress=on_progress,
        )

    @spell_out(InteractionFilters, default=None)
    def export_parquet(
        self,
        path: str | Path,
        *,
        newest_first: bool = False,
        include_unverified: bool = False,
        customer_names: bool = False,
        on_progress: Callable[[int], object] | None = None,
        **filters: Unpack[InteractionFilters],
    ) -> int:
        """Write interactions to a Parquet file with the columns of `reports.SCHEMA`.

        Args:
            path: The file; it is overwritten.
            newest_first: Whether the latest comes first.
            include_unverified: As in `find`; unverified rows lack the permission
                `read("user:...")` of their customer's user in the column `permissions`.
            customer_names: Whether to add a last column `customer_name`, with what
                `crm.customers.names` returns: one request for up to 100 customers.
            on_progress: Called from time to time with the number written.
            filters: Which interactions to include; see `InteractionFilters`.

        Returns:
            The number of interactions written.

        Raises:
            ConfigurationError: The extra `reports` is not installed.

        Example:
            >>> from pathlib import Path
            >>> from tempfile import mkdtemp
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = ada.log_call("Renewal")
            ...     print(ada.export_parquet(Path(mkdtemp()) / "calls.parquet"))
            1
        """
        from interactions_sdk._sync.transfer.exporting import export  # noqa: PLC0415 - see base.py

        return export(
            self._reader,
            "parquet",
            path,
            filters,
            newest_first=newest_first,
            include_unverified=include_unverified,
            customer_names=customer_names,
            on_progress=on_progress,
        )
