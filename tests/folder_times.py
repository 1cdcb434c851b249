"""The time of the tests in each folder, shown after each run."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["format_folder_times"]


class Timed(Protocol):
    """A pytest report about one phase of a test: set-up, call or teardown."""

    @property
    def nodeid(self) -> str:
        """The test, such as `tests/unit/test_cursors.py::test_a_cursor`."""
        ...

    @property
    def duration(self) -> float:
        """The duration of this phase in seconds."""
        ...


def format_folder_times(reports: Iterable[Timed]) -> str:
    """Return the seconds of each folder below `tests`, the slowest first; empty without tests."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for report in reports:
        folder, *rest = report.nodeid.partition("::")[0].removeprefix("tests/").split("/")
        seconds[folder if rest else "."] += report.duration
    slowest_first = sorted(seconds.items(), key=lambda each: -each[1])
    return ", ".join(f"{folder} {taken:.0f} s" for folder, taken in slowest_first)
