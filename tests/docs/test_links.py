"""Links to pages, files and headings are valid; Sphinx checks only its own pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import FENCE
from tests.docs.sessions import PAGES, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINK = re.compile(r"(?:\]\(|src(?:set)?=\")([^)\"\s]+)")
MADE = "_generated"
"""Files that exist only after a build."""


def prose(page: Path) -> Iterator[str]:
    """Yield the lines of a page outside of its blocks."""
    is_inside = False
    for line in page.read_text(encoding="utf-8").splitlines():
        if FENCE.match(line):
            is_inside = not is_inside
        elif not is_inside:
            yield line


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and MyST create them."""
    headings = [line.lstrip("#").strip() for line in prose(page) if line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def leads_nowhere(page: Path, link: str) -> bool:
    """Return whether the file or the heading is missing."""
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if MADE in target.parts:
        return False
    return not target.exists() or bool(anchor and anchor not in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Links to other sites are not checked."""
    links = [link for line in prose(page) for link in LINK.findall(line) if ":" not in link]

    assert [] == [link for link in links if leads_nowhere(page, link)]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("README.md", False),
        ("README.md#example", False),
        ("#example", False),
        ("nowhere.md", True),
        ("README.md#nowhere", True),
    ],
)
def test_dead_links_are_noticed(link: str, *, expected: bool) -> None:
    """Missing files and missing headings are detected."""
    assert expected is leads_nowhere(ROOT / "README.md", link)
