"""Converters from values in files to fields of drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from interactions_sdk import transfer
from interactions_sdk.transfer.converters import metadata

if TYPE_CHECKING:
    from interactions_sdk.transfer import Converter


def read(source: Converter, *values: object) -> object:
    """Read a line whose columns are called a, b and so on."""
    return source.read(dict(zip("abc", values, strict=False)))


@pytest.mark.parametrize(
    ("unit", "written", "expected"),
    [
        ("seconds", "1", 1),
        ("seconds", "89", 1),
        ("seconds", "90", 2),
        ("minutes", "12", 12),
        ("hours", " 1.5 ", 90),
        ("seconds", "0", None),
        ("seconds", "", None),
        ("minutes", 12, 12),
    ],
)
def test_durations_become_minutes(unit: str, written: object, expected: int | None) -> None:
    """Durations are rounded to minutes, and every duration above 0 has at least one."""
    assert expected == read(transfer.minutes("a", unit=unit), written)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "reason"),
    [("long", "not a number of seconds"), ("NaN", "not a number"), ("-5", "negative")],
)
def test_what_is_no_duration_is_refused(written: str, reason: str) -> None:
    """The error names the value."""
    with pytest.raises(ValueError, match=reason):
        read(transfer.minutes("a"), written)


def test_whole_numbers() -> None:
    """A number with a fraction is rejected, and an empty value is None."""
    number = transfer.integer("a")
    assert (12, 12, None) == (read(number, " 12"), read(number, 12), read(number, ""))
    with pytest.raises(ValueError, match=r"'1\.5' is not an integer"):
        read(number, "1.5")


def test_choices() -> None:
    """Unknown values are rejected unless there is a default."""
    outcome = transfer.map_values("a", {"yes": "successful"})
    assert ("successful", None) == (read(outcome, " yes "), read(outcome, ""))
    with pytest.raises(ValueError, match="'maybe' is not one of 'yes'"):
        read(outcome, "maybe")
    assert "other" == read(transfer.map_values("a", {}, default="other"), "maybe")
    assert "busy" == read(transfer.map_values("a", {"": "busy"}), "")


def test_customers_by_another_column() -> None:
    """A customer can be found by any column of the customers table."""
    by_user = transfer.customer_by("userId", "a")
    assert transfer.CustomerLookup("userId", "ada") == read(by_user, "ada")
    assert None is read(by_user, "")
    with pytest.raises(ValueError, match="at most 100 characters, not 101"):
        read(by_user, "x" * 101)


def test_custom_fields() -> None:
    """Columns are stored in the metadata; empty ones are left out."""
    kept = read(transfer.custom_fields("a", "b"), "56", "")
    assert kept is not None
    assert '{"customFields":{"a":"56"}}' == getattr(kept, "to_wire")()  # noqa: B009 - an object
    assert None is read(transfer.custom_fields("a"), "")


@pytest.mark.parametrize("written", ['{"tags":["vip"]}', {"tags": ["vip"]}])
def test_metadata_as_text_and_as_object(written: object) -> None:
    """Metadata is a text in CSV, and an object in JSON Lines."""
    found = read(metadata("a"), written)
    assert ["vip"] == getattr(found, "tags")  # noqa: B009 - it is an object


def test_what_is_no_metadata_is_refused() -> None:
    """Invalid metadata is rejected."""
    assert None is read(metadata("a"), "")
    with pytest.raises(ValueError, match="not the JSON of metadata"):
        read(metadata("a"), "{")


def test_texts_stay_as_they_are() -> None:
    """Blanks are kept, an empty text is None, and JSON values keep their JSON form."""
    values = ("  a ", "", None, 7, 1.5, True)
    assert ["  a ", None, None, "7", "1.5", "true"] == [
        read(transfer.text("a"), each) for each in values
    ]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (["a"], "a list"),
        ({"a": 1}, "an object"),
    ],
)
def test_what_is_not_a_text_is_refused(value: object, kind: str) -> None:
    """Lists, objects and binary values are not converted to text."""
    for converter in (transfer.text("a"), transfer.integer("a"), transfer.map_values("a", {})):
        with pytest.raises(ValueError, match=f"'a' holds {kind}.*, which is not text"):
            read(converter, value)
