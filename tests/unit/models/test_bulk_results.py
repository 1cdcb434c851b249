from __future__ import annotations

import pytest

from interactions_sdk.errors import BulkError, ServerError
from interactions_sdk.models.bulk import BulkResult
from interactions_sdk.models.reconciliation import Reconciliation


def failures(count: int) -> BulkResult:
    """Return the result of five drafts, of which a number failed."""
    return BulkResult(
        [None if index < count else f"i{index}" for index in range(5)],
        {index: ServerError(f"down {index}") for index in range(count)},
    )


def test_a_result_is_in_input_order() -> None:
    """Each draft has an item with its ID or its error."""
    result = failures(2)

    assert [None, None, "i2", "i3", "i4"] == result.ids
    assert [0, 1] == [item.index for item in result.failed]
    assert [0, 1, 2, 3, 4] == [item.index for item in result]
    assert 5 == len(result)


def test_success_raises_nothing() -> None:
    """A result without failures, or without drafts, raises nothing."""
    failures(0).raise_for_failures()
    BulkResult([], {}).raise_for_failures()


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (1, "1 of 5 drafts were not written. draft 0: down 0"),
        (3, "3 of 5 drafts were not written. draft 0: down 0; draft 1: down 1; draft 2: down 2"),
        (
            5,
            (
                "5 of 5 drafts were not written. "
                "draft 0: down 0; draft 1: down 1; draft 2: down 2; and 2 more."
            ),
        ),
    ],
)
def test_failures_are_raised_together(count: int, message: str) -> None:
    """The message names the first failures and the number of the others."""
    result = failures(count)

    with pytest.raises(BulkError) as caught:
        result.raise_for_failures()

    assert message == str(caught.value)
    assert result is caught.value.result


def test_reconciliations_add_up() -> None:
    """Reconciliations can be added."""
    parts = [Reconciliation(1, 0, 2), Reconciliation(1, 1), Reconciliation()]

    assert Reconciliation(customers_checked=2, dates_updated=1, audit_rows_added=2) == sum(
        parts, start=Reconciliation()
    )
