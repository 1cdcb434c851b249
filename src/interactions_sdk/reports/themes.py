"""Colours of charts: shades of grey only, so that none depends on seeing hues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["THEMES", "Theme", "ThemeName"]

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a chart.

    Attributes:
        text: Titles, labels and outlines.
        muted: Subtitles and axes.
        line: Grid lines.
        ink: Bars.
        shades: From none to most.
        states: Of follow-ups: done in time, done late, open, overdue.
    """

    ground: str
    text: str
    muted: str
    line: str
    ink: str
    shades: tuple[str, str]
    states: tuple[str, str, str, str]


THEMES: dict[ThemeName, Theme] = {
    "light": Theme(
        ground="#ffffff",
        text="#000000",
        muted="#444444",
        line="#dddddd",
        ink="#333333",
        shades=("#f4f4f4", "#111111"),
        states=("#222222", "#777777", "#cccccc", "#ffffff"),
    ),
    "dark": Theme(
        ground="#161616",
        text="#f0f0f0",
        muted="#b0b0b0",
        line="#3a3a3a",
        ink="#d0d0d0",
        shades=("#2a2a2a", "#fafafa"),
        states=("#f0f0f0", "#999999", "#555555", "#161616"),
    ),
}
