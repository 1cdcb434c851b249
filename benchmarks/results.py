"""Measuring and showing results: ratios, each the median of several rounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Figure", "Section", "Timings", "as_markdown", "as_text", "measured"]


@dataclass(frozen=True)
class Figure:
    """A measured value.

    Attributes:
        what: The name of the value.
        value: The value.
        unit: Its unit; a ratio has none.
        at_most: The goal, if less is better.
        at_least: The goal, if more is better.
        compared: The two sides of a ratio of times: the first divided by the second.
    """

    what: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    compared: tuple[str, str] | None = None

    @property
    def in_words(self) -> str:
        """A ratio in words, with the side that is better."""
        if self.compared is None:
            return ""
        first, second = self.compared if self.value <= 1 else reversed(self.compared)
        ratio = max(self.value, 1 / self.value)
        return f"{first} is {ratio:.2f} times as fast as {second}"

    @property
    def shown(self) -> str:
        """The value, with as many digits as are meaningful."""
        if float(self.value).is_integer():
            return f"{self.value:,.0f} {self.unit}".strip()
        return f"{self.value:,.{2 if self.value < 100 else 0}f} {self.unit}".strip()  # noqa: PLR2004 - digits

    @property
    def goal(self) -> str:
        """The goal in words, and whether it is reached."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}" + ("" if self.value <= self.at_most else ": missed")
        if self.at_least is not None:
            return f"at least {self.at_least:g}" + (
                "" if self.value >= self.at_least else ": missed"
            )
        return ""


@dataclass(frozen=True)
class Section:
    """Related figures.

    Attributes:
        title: The title.
        about: How they were measured, for readers.
        figures: The figures.
    """

    title: str
    about: str
    figures: Sequence[Figure]


@dataclass
class Timings:
    """The seconds of a call, with all variants measured in turn in every round.

    Attributes:
        wall: The wall time.
        cpu: The CPU time of this process, which other programs affect least.
    """

    wall: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    cpu: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def ratio(self, name: str, other: str, *, cpu: bool = False) -> float:
        """Return the time of one variant divided by that of another: the median of the rounds."""
        seconds = self.cpu if cpu else self.wall
        return median(a / b for a, b in zip(seconds[name], seconds[other], strict=True))

    def microseconds(self, name: str, *, cpu: bool = False) -> float:
        """Return the median of a variant."""
        return round(median((self.cpu if cpu else self.wall)[name]) * 1e6)


def measured(
    ways: Mapping[str, Callable[[], object]], *, rounds: int = 15, calls: int = 40
) -> Timings:
    """Measure several variants of the same operation, in turn in every round."""
    timings = Timings({name: [] for name in ways}, {name: [] for name in ways})
    for way in ways.values():
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            wall, cpu = perf_counter(), process_time()
            for _ in range(calls):
                way()
            timings.cpu[name].append((process_time() - cpu) / calls)
            timings.wall[name].append((perf_counter() - wall) / calls)
    return timings


def as_text(section: Section) -> str:
    """Format a section for a terminal."""
    lines = [f"## {section.title}", ""]
    for each in section.figures:
        lines.append(f"{each.what:86}{each.shown:>12}  {each.goal}".rstrip())
        if each.in_words:
            lines.append(f"    {each.in_words}")
    return "\n".join([*lines, ""])


def as_markdown(section: Section) -> str:
    """Format a section for a page."""
    lines = [
        f"## {section.title}",
        "",
        section.about,
        "",
        "| | measured | goal | in words |",
        "| --- | --: | --- | --- |",
    ]
    lines += [
        f"| {each.what} | {each.shown} | {each.goal} | {each.in_words} |"
        for each in section.figures
    ]
    return "\n".join([*lines, ""])
