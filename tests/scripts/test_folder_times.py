"""The times of the folders, shown after a test run."""

from __future__ import annotations

from typing import NamedTuple

from tests.folder_times import format_folder_times


class Report(NamedTuple):
    """The attributes of a pytest report that are used."""

    nodeid: str
    duration: float


def test_the_slowest_folder_comes_first() -> None:
    """Set-up, call and teardown of all tests in a folder are added."""
    assert "docs 4 s, unit 3 s, . 1 s" == format_folder_times(
        [
            Report("tests/unit/test_cursors.py::test_one", 1.0),
            Report("tests/unit/wire/test_query.py::test_two[a::b/c]", 2.0),
            Report("tests/docs/test_pages.py::test_three", 4.4),
            Report("tests/test_four.py::test_four", 1.0),
        ]
    )


def test_a_run_without_tests_has_no_times() -> None:
    """Without tests, the result is empty."""
    assert "" == format_folder_times([])
