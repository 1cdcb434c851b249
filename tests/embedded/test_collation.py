from __future__ import annotations

import pytest

from interactions_sdk.embedded.values import fulltext
from interactions_sdk.embedded.values.collation import fold, sort_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ALPHA", "alpha"),
        ("ÉCLAIR café", "eclair cafe"),
        ("straße", "strase"),
        ("a", "a   "),
        ("😀", "🎉"),
        ("Σίσυφος", "ΣΙΣΥΦΟΣ"),
        ("ёж", "еж"),
        ("ṩ", "s"),
    ],
)
def test_equal(one: str, other: str) -> None:
    """Case, accents, trailing spaces and the identity of characters outside the BMP are ignored."""
    assert sort_key(one) == sort_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *((" a", "a"), ("й", "и"), ("e\u0301", "é"), ("ø", "o"), ("æ", "ae"), ("か", "が")),
        *(("ϵ", "ε"), ("\u1fc1", "\u00a8"), ("\u0344", "\u0308"), ("ŉ", "n")),
    ],
)
def test_different(one: str, other: str) -> None:
    """Texts that differ in the collation have different keys."""
    assert sort_key(one) != sort_key(other)


def test_folded_keeps_trailing_spaces() -> None:
    """Trailing spaces count in patterns."""
    assert "A  " == fold("a  ")


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        *(("alp", True), ("beta alp", True), ("alpha zeta", True), ("zeta", False)),
        *(('"alpha beta"', True), ('"beta alpha"', False), ("", False), ('""', False)),
    ],
)
def test_search(search: str, expected: bool) -> None:  # noqa: FBT001 - a case
    """One of the words must match, the last one as a prefix; quotation marks form a phrase."""
    assert expected == fulltext.matches("Alpha, Beta!", search)


def test_search_of_null() -> None:
    """Null matches no search."""
    assert not fulltext.matches(None, "alpha")
