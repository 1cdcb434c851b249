"""GitHub renders the README and the pages it links to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.sessions import PAGES, ROOT
from tests.docs.test_links import LINK, prose

if TYPE_CHECKING:
    from pathlib import Path

README = ROOT / "README.md"
LINKED = sorted(
    {
        ROOT / link.partition("#")[0]
        for line in prose(README)
        for link in LINK.findall(line)
        if ":" not in link and link.partition("#")[0].endswith(".md")
    }
)
MYST_ONLY = re.compile(r"^ *```\{|^:::|\[\]\(|(?:^|\s)\{[a-z:]+\}`", re.MULTILINE)
"""Directives, roles, and links whose text MyST fills in."""

NAME = re.compile(r"pip install .*\binteractions[-_]sdk\b")


@pytest.mark.parametrize("page", [README, *LINKED], ids=lambda page: page.name)
def test_github_renders_the_page(page: Path) -> None:
    """The page uses no syntax that only MyST understands."""
    assert page in {README, *PAGES}
    assert [] == MYST_ONLY.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", ["```{toctree}", "[](page.md)", "{ref}`name`", "::: {note}"])
def test_myst_only_syntax_is_found(text: str) -> None:
    """The pattern matches directives, roles and links without text."""
    assert MYST_ONLY.search(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_install_from_the_clone(page: Path) -> None:
    """No page installs from PyPI before the first release (see docs/installation.md)."""
    lines = page.read_text(encoding="utf-8").splitlines()

    assert [] == [line for line in lines if NAME.search(line) and "/interactions-sdk" not in line]
