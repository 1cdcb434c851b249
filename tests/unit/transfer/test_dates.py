"""Dates in files are read in the format of their column, which is never guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from interactions_sdk import BadRequestError, transfer
from interactions_sdk.transfer.date_columns import DateColumn, dates
from interactions_sdk.transfer.date_formats import parser_for, readings
from interactions_sdk.transfer.mapping import EXPORTED_CSV, DraftMapper
from interactions_sdk.transfer.readers import Line

if TYPE_CHECKING:
    from interactions_sdk.transfer.date_columns import DateConverter

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
ZURICH = ZoneInfo("Europe/Zurich")


def column_of(
    *values: str | None,
    converter: DateConverter | None = None,
    field: str = "occurred_at",
    tz: str = "UTC",
) -> DateColumn:
    """Return a date column in which these values were seen, from line 2 on."""
    column = DateColumn(converter or dates("when"), field, tz=ZoneInfo(tz), now=NOW)
    for line, value in enumerate(values, start=2):
        column.survey(line, {"when": value})
    column.decide()
    return column


def read(column: DateColumn, value: object) -> str:
    """Read a date of a column and return it as ISO text."""
    found = column.read({"when": value})
    assert found is not None
    return found.isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("written", "expected", "form"),
    [
        ("2026-04-03", "2026-04-03T00:00", "%Y-%m-%d"),
        ("2026/04/03", "2026-04-03T00:00", "%Y/%m/%d"),
        ("2026.4.3", "2026-04-03T00:00", "%Y.%m.%d"),
        ("20260403", "2026-04-03T00:00", "%Y%m%d"),
        ("20260403143000", "2026-04-03T14:30", "%Y%m%d%H%M%S"),
        ("20260403T143000Z", "2026-04-03T14:30", "%Y%m%dT%H%M%S%z"),
        ("2026-04-03 14:30", "2026-04-03T14:30", "%Y-%m-%d %H:%M"),
        ("2026-04-03T14:30:00.1234567Z", "2026-04-03T14:30", "%Y-%m-%dT%H:%M:%S.%f%z"),
        ("2026-04-03 2:30 pm", "2026-04-03T14:30", "%Y-%m-%d %I:%M %p"),
        ("2026-04-03 12:05 a.m.", "2026-04-03T00:05", "%Y-%m-%d %I:%M %p"),
        ("3 Apr 2026", "2026-04-03T00:00", "%d %b %Y"),
        ("03-Apr-26", "2026-04-03T00:00", "%d-%b-%y"),
        ("April 3rd, 2026 at 2 pm", "2026-04-03T14:00", "%B %d, %Y %I %p"),
        ("Fri, 3 Apr 2026 14:30:00 GMT", "2026-04-03T14:30", "%d %b %Y %H:%M:%S%z"),
        ("Fri Apr  3 14:30:00 2026", "2026-04-03T14:30", "%b %d %Y %H:%M:%S"),
        ("1775226600", "2026-04-03T14:30", "epoch"),
        ("1775226600000", "2026-04-03T14:30", "epoch_ms"),
        ("946684800000", "2000-01-01T00:00", "epoch_ms"),
    ],
)
def test_values_that_say_what_they_are(written: str, expected: str, form: str) -> None:
    """A leading year, the name of a month and an epoch are unambiguous."""
    for hint in (None, True, False):
        column = column_of(written, converter=dates("when", dayfirst=hint))
        assert f"{expected}+00:00" == read(column, written)
        assert {form: 1} == column.summary(None).formats


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("3 Apr 2026 14:30 +0500", "2026-04-03T14:30+05:00"),
        ("2026-04-03T14:30-03:30", "2026-04-03T14:30-03:30"),
        ("2026-04-03T14:30+02", "2026-04-03T14:30+02:00"),
        (
            "Fri Apr 3 2026 14:30:00 GMT+0200 (Central European Summer Time)",
            "2026-04-03T14:30+02:00",
        ),
    ],
)
def test_an_offset_of_the_value_goes_first(written: str, expected: str) -> None:
    """The import's zone applies only to values without an offset."""
    assert expected == read(column_of(written, tz="Europe/Zurich"), written)


@pytest.mark.parametrize(
    ("values", "written", "expected", "form"),
    [
        (["13/02/2026"], "03/04/2026", "2026-04-03", "%d/%m/%Y"),
        (["02/13/2026"], "03/04/2026", "2026-03-04", "%m/%d/%Y"),
        (["31.01.2026 9:15"], "3.4.2026", "2026-04-03", "%d.%m.%Y"),
        (["13/02/26", "soon", None], "03/04/26", "2026-04-03", "%d/%m/%y"),
        (["26/04/03"], "26/04/03", "2026-04-03", "%y/%m/%d"),
        (["2026-05-01", "02/13/2026"], "03/04/2026", "2026-03-04", "%m/%d/%Y"),
    ],
)
def test_all_values_of_a_column_decide(
    values: list[str | None], written: str, expected: str, form: str
) -> None:
    """One unambiguous value determines the format of the whole column."""
    column = column_of("05/06/2026" if len(written) > 8 else written, *values)
    assert expected == read(column, written)[:10]
    assert [form] == list(column.summary(None).formats)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            ["05/06/2026", "03/04/2026", "01/02/2026"],
            (
                "The dates of the column 'when' may be %d/%m/%Y or %m/%d/%Y: line 2: '05/06/2026' "
                "is 2026-06-05 or 2026-05-06; line 3: '03/04/2026' is 2026-04-03 or 2026-03-04."
            ),
        ),
        (["13/02/2026", "02/13/2026"], "line 2: '13/02/2026' is not %m/%d/%Y"),
        (["10/11/12"], "%d/%m/%Y or %m/%d/%Y or %y/%m/%d: line 2: '10/11/12' is 2012-11-10 or"),
        (["40000"], "may be excel or excel_1904: line 2: '40000' is 2009-07-06 or 2013-07-07"),
    ],
)
def test_what_the_values_leave_open_is_refused(values: list[str], message: str) -> None:
    """If all values are ambiguous, the error names the formats, their lines and the solution."""
    with pytest.raises(BadRequestError) as refused:
        column_of(*values)
    assert message in str(refused.value)
    assert "format=" in str(refused.value)
    assert "--date-format" in str(refused.value)


@pytest.mark.parametrize(
    ("dayfirst", "written", "expected"),
    [
        (True, "03/04/2026", "2026-04-03"),
        (False, "03/04/2026", "2026-03-04"),
        (True, "03/04/26", "2026-04-03"),
        (True, "26/04/03", "2026-04-03"),
        (False, "26/04/03", "2026-04-03"),
    ],
)
def test_the_order_may_be_given(dayfirst: bool, written: str, expected: str) -> None:  # noqa: FBT001
    """The given order applies to ambiguous values; a leading year stays a year."""
    column = column_of(written, converter=dates("when", dayfirst=dayfirst))
    assert expected == read(column, written)[:10]


def test_a_given_order_is_no_wish() -> None:
    """A value that does not match the given order is rejected."""
    column = column_of("03/04/2026", "02/13/2026", converter=dates("when", dayfirst=True))
    with pytest.raises(ValueError, match=r"'02/13/2026' is not a date in the format %d/%m/%Y"):
        read(column, "02/13/2026")


def test_serial_numbers_of_excel() -> None:
    """The epoch is detected if 1904 would result in future contacts; otherwise it is required."""
    assert "2026-04-03T14:30+00:00" == read(column_of("46115.604166667"), "46115.604166667")
    assert "2026-04-03T00:00+00:00" == read(column_of("40000", "46115"), "46115")
    with pytest.raises(BadRequestError, match="excel or excel_1904"):
        column_of("46115", field="next_action_date")
    given = column_of("40000", converter=dates("when", format="excel_1904"))
    assert "2013-07-07T00:00+00:00" == read(given, "40000")


@pytest.mark.parametrize(
    ("form", "written", "expected"),
    [
        ("%d/%m/%Y", "03/04/2026", "2026-04-03T00:00+00:00"),
        ("%y%m%d", "260403", "2026-04-03T00:00+00:00"),
        ("%d/%m/%Y %H:%M", "03/04/2026 14:30", "2026-04-03T14:30+00:00"),
        ("epoch", "1775226600.5", "2026-04-03T14:30+00:00"),
        ("epoch_ms", "5", "1970-01-01T00:00+00:00"),
        ("excel", "1", "1899-12-31T00:00+00:00"),
    ],
)
def test_the_format_may_be_given(form: str, written: str, expected: str) -> None:
    """With a format, no survey is needed, and other values are rejected."""
    column = column_of(converter=dates("when", format=form))
    assert not column.needs_survey
    column.survey(2, {"when": "never"})
    assert expected == read(column, written)
    with pytest.raises(ValueError, match="'soon' does not have the format"):
        read(column, "soon")


def test_several_formats_may_be_given() -> None:
    """The first format that matches is used; the error names all of them."""
    column = column_of(converter=dates("when", format=["%d/%m/%Y %H:%M", "%d/%m/%Y"]))
    assert "2026-04-03T00:00+00:00" == read(column, "03/04/2026")
    assert "2026-04-03T14:30+00:00" == read(column, "03/04/2026 14:30")
    with pytest.raises(ValueError, match=r"%d/%m/%Y %H:%M; .*%d/%m/%Y"):
        read(column, "2026")
    with pytest.raises(ValueError, match="is not a date: "):
        parser_for("epoch")("9" * 400)


@pytest.mark.parametrize(
    ("form", "message"), [("%Q", "is not a date format"), ("%d/%m", "lacks the year")]
)
def test_a_format_must_be_one(form: str, message: str) -> None:
    """An invalid format is rejected when the converter is created."""
    with pytest.raises(BadRequestError, match=message):
        dates("when", format=form)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("soon", "none of the known date formats"),
        ("May 2020", "none of the known date formats"),
        ("12", "a number with this many digits"),
        ("9" * 20, "a number with this many digits"),
        ("3 Apr 2026 14:30 CST", "CST is not an offset"),
        ("2026-02-30", "day is out of range"),
        ("31.4.2026 09:00", "day is out of range for month"),
        ("13/13/2026", "month must be in 1..12"),
        ("01/02/99", "a two-digit year must be from 2006 to 2036"),
        ("2026-04-03 14:30 pm", "the 12-hour clock"),
        ("2026-04-03 14", "lacks its minutes"),
    ],
)
def test_what_is_not_a_date_is_refused(written: str, reason: str) -> None:
    """Missing parts, ambiguous zones and impossible days are rejected."""
    with pytest.raises(ValueError, match=f"is not a date: .*{reason}"):
        read(column_of("2026-04-03", written), written)


def test_a_date_and_a_time_in_two_columns() -> None:
    """The columns are joined to one text, without the empty ones."""
    when = dates("day", "time", tz="UTC", dayfirst=True)
    expected = datetime(2026, 4, 3, 14, 30, tzinfo=UTC)
    assert expected == when.read({"day": " 3.4.2026 ", "time": "14:30"})
    assert datetime(2026, 4, 3, tzinfo=UTC) == when.read({"day": "3.4.2026", "time": ""})
    assert None is when.read({"day": "", "time": " "})
    with pytest.raises(BadRequestError, match="the columns 'day' and 'time'"):
        dates("day", "time").read({"day": "3.4.2026", "time": "14:30"})


def test_a_zone_must_exist_and_be_given() -> None:
    """A missing zone is neither guessed by the converter nor by the import."""
    with pytest.raises(BadRequestError, match="time zone"):
        transfer.dates("when", tz="Europe/Atlantis")
    with pytest.raises(ValueError, match=r"'2026-04-03' has no time zone: give tz="):
        transfer.dates("when").read({"when": "2026-04-03"})


def test_an_empty_contact_date_is_refused_unless_the_mapping_says_more() -> None:
    """An empty date is not taken for now unless the mapping says so."""
    with pytest.raises(ValueError, match="the column 'when' is empty"):
        column_of().read({"when": "  "})
    assert None is column_of(converter=dates("when", default="now")).read({"when": ""})
    assert NOW == column_of(converter=dates("when", default=NOW)).read({"when": None})
    made = column_of(converter=dates("when", default=lambda row: NOW if row else None))
    assert NOW == made.read({"when": ""})
    assert None is column_of(field="next_action_date").read({"when": ""})


def test_a_due_date_without_a_time_is_the_end_of_its_day() -> None:
    """The end of the day is that in the import's zone; an explicit time is kept."""
    due = column_of("2026-04-03", field="next_action_date", tz="Europe/Zurich")
    assert datetime(2026, 4, 3, 23, 59, 59, 999000, ZURICH) == due.read({"when": "2026-04-03"})
    assert "2026-04-03T00:00+02:00" == read(due, "2026-04-03 00:00")
    contact = column_of("2026-04-03", tz="Europe/Zurich")
    assert "2026-04-03T00:00+02:00" == read(contact, "2026-04-03")


@pytest.mark.parametrize(
    ("fold", "written", "expected", "note"),
    [
        (0, "2026-10-25 02:30", "2026-10-25T00:30", "repeat '2026-10-25 02:30', which is "),
        (1, "2026-10-25 02:30", "2026-10-25T01:30", "read as 2026-10-25T02:30+01:00"),
        (0, "2026-03-29 02:30", "2026-03-29T01:30", "skip '2026-03-29 02:30', which is "),
        (1, "2026-03-29 02:30", "2026-03-29T00:30", "read as 2026-03-29T01:30+01:00"),
    ],
)
def test_times_that_the_clocks_skip_or_repeat_are_noted(
    fold: int, written: str, expected: str, note: str
) -> None:
    """Such times are read with the offset before the change by default, and noted."""
    notes: list[str] = []
    converter = dates("when", fold=1 if fold else 0)
    column = column_of(written, converter=converter, tz="Europe/Zurich")
    found = column.read({"when": written}, notes.append)
    assert found is not None
    assert found == column.read({"when": written}, None)
    assert f"{expected}+00:00" == found.astimezone(UTC).isoformat(timespec="minutes")
    assert note in notes[0]


def test_a_contact_in_the_future_is_refused() -> None:
    """A single mistyped year would become the customer's last contact."""
    mapper = DraftMapper({"interaction_type": lambda _: "call", "occurred_at": "when"}, tz=UTC)
    future = Line(2, [], {"when": "2062-04-03"})
    mapper.survey(future)
    mapper.survey(Line(3, [], None, "broken"))
    mapper.decide()
    with pytest.raises(ValueError, match=r"occurred_at: .*2062-04-03.* is in the future"):
        mapper.make_draft(mapper.map_fields(future), "key")


def test_the_dates_of_a_file_are_summed_up() -> None:
    """The summary has formats, zone and range of each field; for functions, only the range."""
    mapper = DraftMapper(
        {
            "interaction_type": lambda _: "call",
            "occurred_at": lambda row: datetime.fromisoformat(str(row["when"])),
            "next_action_date": "due",
        },
        tz=ZURICH,
    )
    rows = [
        {"when": "2020-01-01T10:00Z", "due": "2026-05-01"},
        {"when": "2021-01-01T10:00Z", "due": ""},
    ]
    for row in rows:
        mapper.make_draft(mapper.map_fields(Line(2, [], row)), "key")
    contact, due = mapper.date_summaries()
    assert ("occurred_at", (), {}, None) == (
        contact.field,
        contact.columns,
        contact.formats,
        contact.tz,
    )
    assert (2020, 2021) == (
        contact.earliest and contact.earliest.year,
        contact.latest and contact.latest.year,
    )
    assert ("next_action_date", ("due",), {"%Y-%m-%d": 1}, "Europe/Zurich") == (
        due.field,
        due.columns,
        due.formats,
        due.tz,
    )
    assert due.earliest == due.latest


def test_an_exported_contact_date_may_be_missing_and_not_empty() -> None:
    """Without the column, drafts are dated now; an empty cell is rejected."""
    mapper = DraftMapper(EXPORTED_CSV)
    assert "occurred_at" not in mapper.map_fields(Line(2, [], {"interaction_type": "call"}))
    with pytest.raises(ValueError, match="occurred_at: it is empty"):
        mapper.map_fields(Line(2, [], {"interaction_type": "call", "created_at": ""}))


def test_a_value_that_no_column_of_dates_takes_is_left_to_its_line() -> None:
    """The survey ignores lists and objects, which are reported with their line."""
    mapper = DraftMapper({"interaction_type": lambda _: "call", "occurred_at": "when"}, tz=UTC)
    mapper.survey(Line(2, [], {"when": ["2026-04-03"]}))
    mapper.decide()
    with pytest.raises(ValueError, match="'when' holds a list"):
        mapper.map_fields(Line(2, [], {"when": ["2026-04-03"]}))


def test_readings_of_one_value() -> None:
    """Only orders that match the value are returned."""
    assert ["%d/%m/%Y", "%m/%d/%Y", "%y/%m/%d"] == list(readings("10/11/12", 2026))
    assert ["%d/%m/%Y", "%m/%d/%Y"] == list(readings("1/2/26", 2026))
