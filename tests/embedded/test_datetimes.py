from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from interactions_sdk.embedded.values import datetimes

NOON = datetime(2026, 5, 1, 12, 34, 56, 789000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-05-01T10:00:00.000+00:00", "2026-05-01T10:00:00.000+00:00"),
        ("2026-05-01T10:00:00.9999Z", "2026-05-01T10:00:00.999+00:00"),
        ("2026-05-01T10:00:00+05:30", "2026-05-01T04:30:00.000+00:00"),
        ("2026-05-01", "2026-05-01T00:00:00.000+00:00"),
        ("2026-02-30", "2026-03-02T00:00:00.000+00:00"),
        ("2026-02-30 what", None),
        ("", "2026-05-01T12:34:56.789+00:00"),
        ("now", "2026-05-01T12:34:56.789+00:00"),
        ("tomorrow", "2026-05-02T00:00:00.000+00:00"),
        ("yesterday", "2026-04-30T00:00:00.000+00:00"),
        ("2026", "2026-05-01T20:26:00.000+00:00"),
        ("0999-12-31", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("10000-01-01", None),
        ("whenever", None),
        (1767225600, None),
        (None, None),
    ],
)
def test_normalised(sent: object, kept: str | None) -> None:
    """All accepted formats are stored in one form, in UTC."""
    with time_machine.travel(NOON, tick=False):
        assert kept == datetimes.normalize(sent)


@pytest.mark.parametrize(("sent", "taken"), [("tomorrow", False), ("2026-05-01", True), (5, False)])
def test_normalised_in_query(sent: object, taken: bool) -> None:  # noqa: FBT001 - a case
    """A datetime in a query must contain a year."""
    assert taken == (datetimes.normalize_in_query(sent) is not None)


def test_now_later_than_frozen_clock() -> None:
    """Two changes in the same millisecond get different times."""
    with time_machine.travel(NOON, tick=False):
        first = datetimes.now_later_than("2020-01-01T00:00:00.000+00:00")
        second = datetimes.now_later_than(first)
    assert ("2026-05-01T12:34:56.789+00:00", "2026-05-01T12:34:56.790+00:00") == (first, second)
