"""The times of the folders that a run ends with."""

from __future__ import annotations

from typing import NamedTuple

from tests.folder_times import format_folder_times


class Report(NamedTuple):
    """What counts of a report of pytest."""

    nodeid: str
    duration: float


def test_the_slowest_folder_comes_first() -> None:
    """Set-up, call and end of all its tests count, however deep the folder is."""
    assert "docs 4 s, unit 3 s, . 1 s" == format_folder_times(
        [
            Report("tests/unit/test_cursors.py::test_one", 1.0),
            Report("tests/unit/wire/test_query.py::test_two[a::b/c]", 2.0),
            Report("tests/docs/test_pages.py::test_three", 4.4),
            Report("tests/test_four.py::test_four", 1.0),
        ]
    )


def test_a_run_without_tests_has_no_times() -> None:
    """Nothing is shown then."""
    assert "" == format_folder_times([])
