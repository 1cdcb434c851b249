# Generated from tests/_async/transfer/test_round_trip.py by scripts/unasync.py; do not edit.
"""A CRM export that is imported, archived, read, restored and exported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import InteractionsClient, reports, transfer

if TYPE_CHECKING:
    from pathlib import Path

    from interactions_sdk.transfer import ColumnMapping, Row


MONTHS = {"nov": 11, "dec": 12, "jan": 1}
CALLS = """\
job,contact,month,duration,campaign,output
housemaid,telephone,nov,261,1,no
services,cellular,nov,0,1,no
admin.,telephone,dec,151,2,yes
technician,cellular,dec,45,1,no
"blue-collar",cellular,jan,1001,3,yes
unknown,cellular,jan,-5,1,no
retired,cellular,jan,600,1,no
"""


class Calendar:
    """Dates calls that have only a month: a smaller month starts a new year."""

    def __init__(self) -> None:
        self._year, self._month, self._calls = 2008, 1, 0

    def __call__(self, record: Row) -> datetime:
        """Return the time of the next call."""
        month = MONTHS[str(record["month"])]
        self._year += month < self._month
        self._month = month
        self._calls += 1
        return datetime(self._year, month, 1, 8, tzinfo=UTC) + timedelta(minutes=self._calls)


def columns() -> ColumnMapping:
    """Return a mapping of the columns for one reading of the file."""
    return {
        "interaction_type": transfer.constant("call"),
        "contact_method": transfer.constant("phone"),
        "customer_id": transfer.customer_by("userId", "contact"),
        "subject": lambda record: f"Campaign call {record['campaign']}",
        "occurred_at": Calendar(),
        "duration": transfer.minutes("duration", unit="seconds"),
        "outcome": transfer.map_values("output", {"yes": "successful", "no": "other"}),
        "metadata": transfer.custom_fields("job"),
    }


@pytest.mark.unmeasured
def test_a_file_goes_all_the_way(crm: InteractionsClient, tmp_path: Path) -> None:
    """Imported calls are archived by year, counted there, restored unchanged, and exported."""
    crm.customers.ensure("telephone")
    crm.customers.ensure("cellular")
    root = crm.as_admin("bank")
    path = tmp_path / "calls.csv"
    path.write_text(CALLS, encoding="utf-8")

    report = root.import_csv(path, columns())
    assert (6, ["line 7: duration: a duration of -5 seconds is negative"]) == (
        report.imported,
        [str(line) for line in report.rejected],
    )
    assert 6 == (root.import_csv(path, columns())).imported
    before = [each for each in root.iterate()]
    assert 6 == len(before)

    new_year = datetime(2009, 1, 1, tzinfo=UTC)
    assert 4 == (root.archive(new_year, tmp_path / "archive")).archived
    assert 2 == root.count()
    months = reports.by_type(reports.scan(tmp_path / "archive"), every="1mo").collect()
    assert [2, 2] == months["interactions"].to_list()
    assert 4 == (root.restore(tmp_path / "archive")).restored
    assert before == [each for each in root.iterate()]

    assert 6 == root.export_csv(tmp_path / "all.csv")
    assert 6 == root.export_jsonl(tmp_path / "all.jsonl")
    assert 6 == root.export_parquet(tmp_path / "all.parquet")
