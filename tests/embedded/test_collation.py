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
    """Case, accents, trailing spaces and characters beyond the basic plane do not count."""
    assert sort_key(one) == sort_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *((" a", "a"), ("й", "и"), ("e\u0301", "é"), ("ø", "o"), ("æ", "ae"), ("か", "が")),
        *(("ϵ", "ε"), ("\u1fc1", "\u00a8"), ("\u0344", "\u0308"), ("ŉ", "n")),
    ],
)
def test_different(one: str, other: str) -> None:
    """What the collation keeps apart stays apart."""
    assert sort_key(one) != sort_key(other)


def test_folded_keeps_trailing_spaces() -> None:
    """Patterns see the spaces at the end."""
    assert "A  " == fold("a  ")


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        *(("alp", True), ("beta alp", True), ("alpha zeta", True), ("zeta", False)),
        *(('"alpha beta"', True), ('"beta alpha"', False), ("", False), ('""', False)),
    ],
)
def test_search(search: str, expected: bool) -> None:  # noqa: FBT001 - a case
    """Words are alternatives, the last may be a beginning, quotes make a phrase."""
    assert expected == fulltext.matches("Alpha, Beta!", search)


def test_search_of_null() -> None:
    """Null answers to no search."""
    assert not fulltext.matches(None, "alpha")
