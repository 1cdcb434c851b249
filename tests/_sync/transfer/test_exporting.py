# Generated from tests/_async/transfer/test_exporting.py by scripts/unasync.py; do not edit.
"""Exports: the filters of `find()`, and files that can be imported again."""

from __future__ import annotations

import csv
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from interactions_sdk import (
    ConfigurationError,
    CustomerInteraction,
    InteractionCreate,
    InteractionMetadata,
    InteractionRepository,
    InteractionsClient,
    reports,
)
from interactions_sdk._sync.connection import rows
from interactions_sdk._sync.transfer import exporting
from interactions_sdk.transfer import files

if TYPE_CHECKING:
    from pathlib import Path


MAY = datetime(2026, 5, 1, 10, tzinfo=UTC)


def drafts() -> list[InteractionCreate]:
    """Return interactions with values that are difficult to store in files."""
    texts = ["=HYPERLINK(1)", "'tis", 'a "quoted", text', "two\nlines\r\n", "", "  blanks ", "中😀"]
    return [
        InteractionCreate(
            interaction_type="note" if text else "call",
            subject=text,
            description=text or None,
            duration=number or None,
            next_action_date=datetime(2036, 1, 1, tzinfo=UTC),
            related_entity_type="-1",
            related_entity_id="@x",
            metadata=InteractionMetadata(tags=[text], custom_fields={"n": [1.5, None]}),
            occurred_at=MAY + timedelta(hours=number, milliseconds=number),
        )
        for number, text in enumerate(texts)
    ]


def all_of(repo: InteractionRepository) -> list[dict[str, Any]]:
    """Return all interactions without the columns that differ in a new row."""
    return [
        dict(each.model_copy(update={"updated_at": MAY}))
        for each in repo.iterate(newest_first=False)
    ]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_what_is_exported_imports_again_equal(
    ada: InteractionRepository, tmp_path: Path, suffix: str
) -> None:
    """Texts, times, metadata and IDs survive, and no cell begins like a formula."""
    path = tmp_path / f"calls.{suffix}"
    (ada.create_many(drafts())).raise_for_failures()
    export = ada.export_csv if suffix == "csv" else ada.export_jsonl
    assert len(drafts()) == export(path)
    with InteractionsClient.embedded() as other:
        other.customers.ensure("ada")
        again = other.as_user("ada")
        report = again.import_csv(path) if suffix == "csv" else again.import_jsonl(path)
        assert ((), len(drafts())) == (report.rejected, report.imported)
        assert all_of(ada) == all_of(again)


def test_an_export_takes_the_filters_of_find(
    crm: InteractionsClient, ada: InteractionRepository, tmp_path: Path
) -> None:
    """Only matching interactions are written, in the requested order; progress is reported."""
    (ada.create_many(drafts())).raise_for_failures()
    path = tmp_path / "notes.parquet"
    since = MAY + timedelta(hours=2)
    written = crm.as_admin("root").export_parquet(
        path, interaction_type="note", since=since, newest_first=True
    )
    frame = pl.read_parquet(path)
    assert (4, 4, reports.SCHEMA) == (written, frame.height, frame.schema)
    assert frame["created_at"].is_sorted(descending=True)
    assert {"note"} == set(frame["interaction_type"])


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_an_export_is_written_in_chunks(
    ada: InteractionRepository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
) -> None:
    """Progress is reported for each chunk, and an empty export writes a file, too."""
    monkeypatch.setattr(exporting, "_BATCH_SIZE", 3)
    monkeypatch.setattr(rows, "_GROWTH", 1)
    reader = ada._reader
    reader._settings = reader._settings.model_copy(update={"page_size": 2})
    (ada.create_many(drafts())).raise_for_failures()
    exports = {"csv": ada.export_csv, "jsonl": ada.export_jsonl, "parquet": ada.export_parquet}
    path = tmp_path / f"calls.{suffix}"
    told: list[int] = []
    assert 7 == exports[suffix](path, on_progress=told.append)
    assert [4, 7, 7] == told
    assert 7 == exports[suffix](path)
    assert 0 == exports[suffix](path, outcome="busy")
    assert 0 == exports[suffix](path, outcome=[])


def test_a_failed_export_leaves_the_file_as_it_was(
    ada: InteractionRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is replaced only when the export is complete."""
    path = tmp_path / "calls.csv"
    path.write_text("yesterday's")
    ada.log_call("Renewal")

    def fail(interactions: list[CustomerInteraction], names: None) -> str:
        assert names is None
        raise OSError(len(interactions))

    monkeypatch.setattr(files, "to_csv", fail)
    with pytest.raises(OSError, match="1"):
        ada.export_csv(path)
    assert "yesterday's" == path.read_text()
    assert ["calls.csv"] == os.listdir(tmp_path)  # noqa: PTH208 - the sync version has no await


def test_parquet_needs_the_extra(
    ada: InteractionRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the extra."""
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ConfigurationError, match="the extra `reports`"):
        ada.export_parquet(tmp_path / "calls.parquet")


def test_two_exports_at_once_are_whole(ada: InteractionRepository, tmp_path: Path) -> None:
    """Of two concurrent exports to one file, each leaves a complete file."""
    ada.log_call("Renewal")
    path = tmp_path / "calls.jsonl"
    with files.open_jsonl(path) as write:
        ada.export_jsonl(path)
        assert 1 == len(path.read_text(encoding="utf-8").splitlines())
        write([])
    assert "" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_names_of_customers_are_a_column_at_the_end(
    crm: InteractionsClient, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The column is optional, empty for missing customers, and escaped against formulas."""
    monkeypatch.setattr(exporting, "_BATCH_SIZE", 1)
    monkeypatch.setattr(rows, "_GROWTH", 1)
    admin = crm.as_admin("root")
    admin._reader._settings = admin._reader._settings.model_copy(update={"page_size": 1})
    for name in ("Ada", "=1+1"):
        customer = crm.customers.create(name.strip("=+1") or "bob", name=name)
        admin.log_call("Intro", customer_id=customer.id)
    orphan = {"interactionType": "call", "userId": "eve", "direction": "outbound"}
    with crm.transaction() as transaction:
        transaction.create("customer_interactions", "x", orphan | {"customerId": "gone"})
    exports = {
        "csv": admin.export_csv,
        "jsonl": admin.export_jsonl,
        "parquet": admin.export_parquet,
    }
    path = tmp_path / f"calls.{suffix}"
    assert 3 == exports[suffix](path, customer_names=True)
    if suffix == "parquet":
        table = pl.read_parquet(path)
        assert "customer_name" == table.columns[-1]
        names = table["customer_name"].to_list()
    elif suffix == "csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = [line["customer_name"] or None for line in csv.DictReader(file)]
    else:
        lines = path.read_text(encoding="utf-8").splitlines()
        names = [json.loads(line)["customer_name"] for line in lines]
    formula = "'=1+1" if suffix == "csv" else "=1+1"
    assert ["Ada", formula, None] == names


def test_an_export_with_names_can_be_imported(ada: InteractionRepository, tmp_path: Path) -> None:
    """An import ignores the column with customer names."""
    ada.log_call("Renewal")
    for name in ("csv", "jsonl"):
        path = tmp_path / f"calls.{name}"
        exporting_to = {"csv": ada.export_csv, "jsonl": ada.export_jsonl}[name]
        importing = {"csv": ada.import_csv, "jsonl": ada.import_jsonl}[name]
        assert 1 == exporting_to(path, customer_names=True)
        report = importing(path)
        assert (1, 0) == (report.already_there, report.refused)
