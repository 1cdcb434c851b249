"""Counts in the reports of imports."""

from __future__ import annotations

import pytest

from interactions_sdk import BadRequestError
from interactions_sdk.models.bulk import BulkItem
from interactions_sdk.transfer.sources import SourceItem, SourceRun

REFUSED = BulkItem(1, error=BadRequestError("no"))
NEW = BulkItem(0, "a", status="new")
CHANGED = BulkItem(2, "b", status="changed_since")


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_what_was_written_for_others_is_counted(*, is_cancelled: bool) -> None:
    """If the item is rejected for one of its customers, the others are counted nevertheless."""
    run = SourceRun(dry_run=False)
    run.record(
        SourceItem(place="1", is_cancelled=is_cancelled), [NEW, REFUSED, CHANGED, CHANGED], 1
    )
    report = run.report()
    assert (1, 0, {}) == (report.refused, report.matched, report.skipped)
    assert (0 if is_cancelled else 1, 1, 1) == (report.new, report.changed_since, report.updated)
    assert ["1: no"] == [str(each) for each in report.rejected]


def test_a_cancelled_item_is_only_noted_where_it_is() -> None:
    """A cancellation is skipped for customers without the item."""
    run = SourceRun(dry_run=False)
    run.record(SourceItem(place="1", is_cancelled=True), [NEW, CHANGED], 1)
    run.record(SourceItem(place="2", is_cancelled=True), [CHANGED], 1)
    report = run.report()
    assert ({"cancelled": 1}, 1) == (report.skipped, report.matched)
    assert (0, 0, 2) == (report.new, report.changed_since, report.updated)
