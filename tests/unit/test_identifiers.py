from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.errors import BadRequestError
from interactions_sdk.identifiers import (
    CREATED,
    audit_row_id,
    customer_id_for_user,
    id_from_key,
    new_row_id,
    validate_id,
)

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("value", ["a", "Z", "0", "a" * 36, "a.b-c_d", "0_-."])
def test_valid_ids_pass(value: str) -> None:
    """Valid IDs are returned unchanged."""
    assert value == validate_id(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a" * 37,
        "_a",
        "-a",
        ".a",
        ".",
        "..",
        "a/b",
        "../x",
        "a b",
        "a\n",
        "é",
        "a%2Fb",
        "٣",
        "a?",
    ],
)
def test_other_ids_are_refused(value: str) -> None:
    """IDs that could change a path are rejected, and the error names them."""
    with pytest.raises(BadRequestError, match=r"is not a valid customer_id: use 1 to 36") as caught:
        validate_id(value, "customer_id")

    assert repr(value) in str(caught.value)


@given(st.text())
def test_what_passes_is_harmless_in_a_path(value: str) -> None:
    """No server or proxy can read a valid ID as more than one path segment."""
    try:
        validate_id(value)
    except BadRequestError:
        return
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,36}", value, re.ASCII)
    assert value not in {".", ".."}


def test_row_ids_are_valid_and_never_the_same() -> None:
    """IDs created at the same time differ."""
    ids = {new_row_id(NOW) for _ in range(1000)}

    assert 1000 == len(ids)
    assert all(validate_id(each) == each and len(each) == 32 for each in ids)


@given(st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis requires naive ones
def test_row_ids_sort_by_time(moment: datetime) -> None:
    """A later ID is greater, to the millisecond."""
    assert new_row_id(moment) < new_row_id(moment + timedelta(milliseconds=2))


def test_a_key_makes_the_same_id_for_ever() -> None:
    """Derived IDs must not change between versions, since rows with them exist."""
    assert "c3de499554dc321875eefc814c45b61d" == id_from_key(
        "customer_interactions", "c1", "crm-42"
    )
    assert "c31066b5c77707f11afe8165b1c3e158" == audit_row_id("i1", CREATED)
    assert "4388ed58148bd4f5db9bfc63de1f1fb8" == customer_id_for_user("ada")


def test_every_part_of_a_key_counts() -> None:
    """Another table, customer or key results in another ID, even with the same letters."""
    assert 5 == len(
        {
            id_from_key("t", "c", "k"),
            id_from_key("t", "c", "K"),
            id_from_key("t", "k", "c"),
            id_from_key("tc", "", "k"),
            id_from_key("t", "ck", ""),
        }
    )


def test_derived_ids_of_different_kinds_differ() -> None:
    """IDs of a key, a user and an audited change differ, even for the same text."""
    ids = [id_from_key("x", "y", "z"), audit_row_id("x", CREATED), customer_id_for_user("x")]

    assert 3 == len(set(ids))
    assert ids == [validate_id(each) for each in ids]


def test_the_audit_id_follows_from_what_a_change_builds_on() -> None:
    """Two changes to the same state have the same ID; other changes do not."""
    state = "2026-05-01T10:00:00.000+00:00"

    assert audit_row_id("i1", state) == audit_row_id("i1", state)
    assert audit_row_id("i1", state) != audit_row_id("i1", state.replace("10:00", "10:01"))
    assert audit_row_id("i1", state) != audit_row_id("i2", state)
