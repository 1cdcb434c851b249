"""Escaping of customers' text, for each place that shows it."""

from __future__ import annotations

import csv
import io
import json
import sys
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.escaping.characters import without_controls
from interactions_sdk.escaping.html import element, escape_html, static_page
from interactions_sdk.escaping.json_in_html import json_for_html
from interactions_sdk.escaping.spreadsheet import escape_formula, unescape_formula
from interactions_sdk.escaping.terminal import for_terminal
from interactions_sdk.identifiers import readable_id
from interactions_sdk.transfer.writers import to_csv
from tests.hostile_text import CORPUS, interactions

INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd"
JOINERS = "\u200c\u200d"


class _Read(HTMLParser):
    """Collects what an HTML parser finds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_corpus_is_large() -> None:
    """There are at least 40 different texts."""
    assert len(CORPUS) == len(set(CORPUS)) >= 40


def test_every_invisible_character_is_replaced() -> None:
    """All of Unicode is checked; visible characters of Arabic and hieroglyphs are kept."""
    kept = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) in INVISIBLE and without_controls(character) == character
    }

    assert set(JOINERS + VISIBLE_FORMATS) <= kept
    assert all(
        unicodedata.name(each).startswith(("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN"))
        for each in kept - set(JOINERS)
    )


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_html_shows_the_text(text: str) -> None:
    """Whatever the text, the page has one element with one attribute."""
    read = _Read(f'<p title="{escape_html(text)}">{escape_html(text)}</p>')

    assert ["p"] == read.elements
    assert ["title"] == list(read.attributes)
    assert (
        without_controls(text, keep="\n\r\t\u200e\u200f") == read.text == read.attributes["title"]
    )


@given(st.text() | st.sampled_from(CORPUS) | st.dictionaries(st.text(), st.text()))
def test_json_in_html_reads_back(value: object) -> None:
    """The value is unchanged, and no character ends a script or an attribute."""
    written = json_for_html(value)

    assert value == json.loads(written)
    assert written.isascii()
    assert not set("<>&'") & set(written)


@given(st.text() | st.sampled_from(CORPUS))
def test_a_terminal_gets_one_harmless_line(text: str) -> None:
    """The result is one line of printable characters and the joiners of scripts and emoji."""
    shown = for_terminal(text)

    assert len(text) == len(shown)
    assert 1 == len(shown.splitlines() or [""])
    assert not [
        each
        for each in shown
        if unicodedata.category(each) in INVISIBLE
        and each not in JOINERS + VISIBLE_FORMATS
        and not unicodedata.name(each, "").startswith("EGYPTIAN")
    ]


@given(st.text() | st.sampled_from(CORPUS))
def test_no_cell_is_a_formula_and_each_reads_back(text: str) -> None:
    """The cell does not begin with a character that starts a formula."""
    cell = escape_formula(text)

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert text == unescape_formula(cell)


def test_no_exported_cell_is_a_formula() -> None:
    """An export of hostile text in every column contains no formula."""
    rows = list(csv.reader(io.StringIO(to_csv(interactions()), newline="")))

    assert len(CORPUS) == len(rows)
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_what_is_no_id_is_flagged(text: str) -> None:
    """An invalid ID is shown in ASCII after a warning sign."""
    shown = readable_id(text)

    assert shown.startswith("\u26a0 ")
    assert shown[2:].isascii()
    assert shown[2:].isprintable()
    assert not set("<>&'") & set(shown)


def test_ids_are_shown_as_they_are() -> None:
    """Valid IDs and missing IDs are unchanged."""
    assert ["ada", "66f2.a-b_c", ""] == [readable_id(each) for each in ("ada", "66f2.a-b_c", "")]


def test_a_page_forbids_what_it_does_not_need() -> None:
    """The content security policy allows only the page's own styles, by their hashes."""
    page = static_page(element("p", CORPUS[0]), title=CORPUS[3], style="p{color:red}")

    read = _Read(page)
    assert [
        "html",
        "head",
        "meta",
        "meta",
        "meta",
        "meta",
        "title",
        "style",
        "body",
        "p",
    ] == read.elements
    assert (
        "default-src 'none'; style-src 'sha256-p0bF+un5yUb9MBO6xRb8kPHlY2BdpHVtLiFkDrZPF64='; "
        "base-uri 'none'; form-action 'none'"
    ) in page
