"""Files are complete or absent, even after a power failure."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import CustomerInteraction
from interactions_sdk.transfer.archive_files import ArchiveFiles
from interactions_sdk.transfer.files import atomic_file, open_csv, open_jsonl, open_parquet
from interactions_sdk.transfer.input_files import RejectsFile, open_rejects
from interactions_sdk.transfer.progress_file import ProgressFile
from tests.hostile_text import AT

if TYPE_CHECKING:
    from collections.abc import Callable

CALL = CustomerInteraction.model_validate(
    {
        "id": "i1",
        "created_at": AT,
        "updated_at": AT,
        "customer_id": "c1",
        "interaction_type": "call",
    }
)
SAFE = ["content", "name", "folder"]
"""The steps that must reach the disk, in this order."""


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the steps written to the disk, in order."""
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "content")
        fsync(handle)

    def renamed(self: Path, target: Path) -> Path:
        done.append("name")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    return done


def _write_rejects(path: Path) -> None:
    with open_rejects(__file__, path, "utf-8") as rejects:
        rejects.write("a,bad line\n", "subject,reason\n")


def _note_progress(path: Path) -> None:
    ProgressFile(path).save()


def _export(open_file: Callable[[Path], object]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with open_file(path) as add:  # type: ignore[attr-defined] # it is a context manager
            add([CALL])

    return write


WRITERS: dict[str, Callable[[Path], None]] = {
    "csv": _export(open_csv),
    "jsonl": _export(open_jsonl),
    "parquet": _export(open_parquet),
    "rejects": _write_rejects,
    "progress": _note_progress,
}


@pytest.mark.unmeasured
@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_gets_its_name_when_it_is_on_the_disk(
    kind: str, tmp_path: Path, steps: list[str]
) -> None:
    """The contents are synced first, then the name, then the folder; no other file is left."""
    WRITERS[kind](tmp_path / "file")

    assert SAFE == steps
    assert ["file"] == [each.name for each in tmp_path.iterdir()]
    assert (tmp_path / "file").stat().st_size > 0


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(
    kind: str, broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is raised, and no incomplete file is left."""
    path = tmp_path / "file"
    path.write_text("old", encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os if broken == "fsync" else Path, broken, fail)
    with pytest.raises(OSError, match="No space left"):
        WRITERS[kind](path)

    assert "old" == path.read_text(encoding="utf-8")
    assert ["file"] == [each.name for each in tmp_path.iterdir()]


def test_an_archive_is_on_the_disk_with_its_folders(tmp_path: Path, steps: list[str]) -> None:
    """The new folders of the month and the year are synced as well."""
    at = "2026-05-04T10:00:00.000+00:00"
    row = {"$id": "i1", "$createdAt": at, "$updatedAt": at, "$permissions": []}
    written = ArchiveFiles(tmp_path / "archive").write(2026, 5, [row])

    assert ["folder"] * 3 + SAFE == steps
    assert [written] == list((tmp_path / "archive").rglob("*.*"))


def test_rejects_of_a_resumable_import_are_there_before_its_progress(
    tmp_path: Path, steps: list[str]
) -> None:
    """Rejected lines are synced in place, and the next run appends to them."""
    rejects = RejectsFile(tmp_path / "bad.csv", "utf-8")
    rejects.in_place = True
    rejects.write("a\n", "head\n")
    rejects.sync()
    assert ["content"] == steps
    assert "head\na\n" == (tmp_path / "bad.csv").read_text(encoding="utf-8")
    rejects.close()

    again = RejectsFile(tmp_path / "bad.csv", "utf-8")
    again.in_place = again.append = True
    again.sync()
    again.write("b\n", "head\n")
    again.close()
    assert "head\na\nb\n" == (tmp_path / "bad.csv").read_text(encoding="utf-8")


def test_nothing_rejected_makes_no_file(tmp_path: Path, steps: list[str]) -> None:
    """Without rejected lines, no file is created."""
    for path in (tmp_path / "bad.csv", None):
        with open_rejects(tmp_path / "source", path, "utf-8"):
            pass

    assert [] == steps
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_synced_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows cannot open a folder."""

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    with atomic_file(tmp_path / "file") as part:
        part.write_bytes(b"x")
    assert b"x" == (tmp_path / "file").read_bytes()
