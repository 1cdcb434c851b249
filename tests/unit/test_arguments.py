"""Values in error messages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import Enum

import pytest

from interactions_sdk.arguments import describe
from interactions_sdk.models.enums import Outcome


class Colour(Enum):
    """An enum from outside the library."""

    RED = 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Outcome.NO_ANSWER, "'no_answer'"),
        (Colour.RED, "1"),
        (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1, 9, tzinfo=UTC), "2026-05-01T09:00:00+00:00"),
        (timedelta(days=1), "datetime.timedelta(days=1)"),
        (None, "None"),
        (Colour, "the class Colour"),
        ({"subject": "Secret"}, "a dict"),
        ("x" * 41, f"'{'x' * 40}…'"),
    ],
)
def test_what_was_given_is_shown_shortly(value: object, shown: str) -> None:
    """Simple values are shown as code; containers and models only by type."""
    assert shown == describe(value)
