"""Reading lines of files, reporting invalid ones, and writing them to be read again."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk import BadRequestError, CustomerInteraction, InteractionMetadata
from interactions_sdk.escaping.spreadsheet import escape_formula, unescape_formula
from interactions_sdk.transfer import readers
from interactions_sdk.transfer.json_numbers import read_object
from interactions_sdk.transfer.mapping import EXPORTED_CSV, EXPORTED_JSON, DraftMapper
from interactions_sdk.transfer.readers import CsvReader, JsonLinesReader, Line
from interactions_sdk.transfer.writers import CSV_HEAD, to_csv, to_json_lines

if TYPE_CHECKING:
    from interactions_sdk import InteractionCreate

NOON = datetime(2026, 5, 1, 12, 0, 0, 123000, tzinfo=UTC)
TEXTS = st.none() | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)


def interaction(**fields: object) -> CustomerInteraction:
    """Return a call, unless the fields specify something else."""
    defaults = {
        "id": "a1",
        "created_at": NOON,
        "updated_at": NOON,
        "customer_id": "c1",
        "interaction_type": "call",
        "user_id": "ada",
        "created_by": "ada",
    }
    return CustomerInteraction.model_validate(defaults | fields)


def from_csv(text: str) -> list[InteractionCreate]:
    """Read an interaction that was exported as CSV."""
    lines = CsvReader(io.StringIO(text, newline=""))
    mapper = DraftMapper(EXPORTED_CSV)
    return [mapper.make_draft(mapper.map_fields(line), "key") for line in lines]


def from_json(text: str) -> list[InteractionCreate]:
    """Read an interaction that was exported as JSON Lines."""
    mapper = DraftMapper(EXPORTED_JSON)
    return [
        mapper.make_draft(mapper.map_fields(line), "key")
        for line in JsonLinesReader(io.StringIO(text))
    ]


def make_draft(fields: dict[str, object], key: str) -> InteractionCreate:
    """Return the draft of a line with these fields."""
    return DraftMapper(EXPORTED_JSON).make_draft(fields, key)


@given(TEXTS)
def test_formulas_are_undone(text: str | None) -> None:
    """Every text survives escaping, and no cell begins like a formula."""
    cell = escape_formula(text)
    assert text == unescape_formula(cell)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.unmeasured
@given(TEXTS, TEXTS, TEXTS)
def test_what_is_exported_reads_again(
    subject: str | None, description: str | None, location: str | None
) -> None:
    """Both formats keep quotes, line breaks, apostrophes and missing values."""
    written = interaction(
        subject=subject,
        description=description,
        duration=5,
        outcome="busy",
        next_action_date=NOON.replace(year=2030),
        related_entity_type="invoice",
        related_entity_id="=1",
        metadata=InteractionMetadata(location=location, tags=["vip"]),
    )
    drafts = [*from_csv(CSV_HEAD + to_csv([written])), *from_json(to_json_lines([written]))]
    for draft in drafts:
        kept = {
            name: getattr(written, name)
            for name in type(draft).model_fields
            if name not in {"occurred_at", "idempotency_key"}
        }
        assert {**kept, "occurred_at": NOON, "idempotency_key": None} == dict(draft)


def test_metadata_that_is_not_readable_is_written_as_it_is() -> None:
    """Invalid metadata is written as text in both formats."""
    written = interaction(metadata=InteractionMetadata.from_invalid_text("=oops"), duration=None)
    assert "oops" in to_csv([written])
    assert "=oops" == json.loads(to_json_lines([written]))["metadata"]


def test_a_line_has_the_number_where_it_begins() -> None:
    """Fields may contain line breaks, and blank lines are counted."""
    lines = CsvReader(["a,b\r\n", '"x\n', 'y",1\r\n', "\r\n", "z,2\r\n"])
    assert [(2, "x\ny"), (5, "z")] == [(line.number, line.row and line.row["a"]) for line in lines]
    texts = ["", '{"a": 1}', " ", '{"a": 2}']
    assert [2, 4] == [line.number for line in JsonLinesReader(texts)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x\n", "expected 2 fields, found 1"),
        ("x,y,z\n", "expected 2 fields, found 3"),
        ("x,\udce9\n", "the byte 0xe9 is not a character"),
    ],
)
def test_a_bad_line_does_not_stop_the_file(text: str, fault: str) -> None:
    """Invalid lines are reported, and the next line is read."""
    bad, good = CsvReader(["a,b\n", text, "x,y\n"])
    assert fault in bad.fault
    assert {"a": "x", "b": "y"} == good.row
    with pytest.raises(ValueError, match=fault):
        DraftMapper({"interaction_type": "a"}).map_fields(bad)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ('{"a": "\udce9"}', "the byte 0xe9 is not a character"),
    ],
)
def test_a_bad_json_line_does_not_stop_the_file(text: str, fault: str) -> None:
    """A line that is not an object is reported, and kept unchanged for correction."""
    bad, good = JsonLinesReader([text, '{"a": 1}'])
    assert fault in bad.fault
    assert {"a": 1} == good.row
    assert f"{text}\n" == JsonLinesReader([]).rejected_line(bad, "reason")


@pytest.mark.parametrize(
    ("texts", "delimiter", "message"),
    [
        ([], ",", "no header"),
        ([" , \n"], ",", "no header"),
        (["a,b,a\n"], ",", "'a' twice, in the positions 1 and 3"),
        (["a\n"], "", "cannot be read as CSV with the delimiter ''"),
    ],
)
def test_a_header_must_name_the_columns(texts: list[str], delimiter: str, message: str) -> None:
    """A file without a valid header is rejected."""
    with pytest.raises(BadRequestError, match=message):
        CsvReader(texts, delimiter)


def test_rejected_lines_say_why_and_read_again() -> None:
    """If a line is rejected again, the new reason replaces the old one."""
    lines = CsvReader(["a;b\n", "x;y\n"], ";")
    (line,) = lines
    text = lines.header + lines.rejected_line(line, "too long")
    assert "a;b;line;reason\r\nx;y;2;too long\r\n" == text
    again = CsvReader(io.StringIO(text, newline=""), ";")
    (mended,) = again
    assert text == again.header + again.rejected_line(mended, "too long")
    objects = JsonLinesReader(['{"a": "x"}'])
    (found,) = objects
    told = objects.rejected_line(found, "too long")
    assert {"a": "x", "line": 1, "reason": "too long"} == json.loads(told)
    (again_bad,) = JsonLinesReader([told])
    assert told.replace("long", "short") == objects.rejected_line(again_bad, "too short")
    (empty,) = JsonLinesReader(["{}"])
    assert '{"line": 1, "reason": "x"}\n' == objects.rejected_line(empty, "x")


def test_short_lines_keep_the_reason_in_its_column() -> None:
    """Missing columns are left empty, and surplus ones are kept."""
    reader = CsvReader(["a,b\n", "x\n", "x,y,z\n"])
    short, long = reader
    assert "x,,2,why\r\n" == reader.rejected_line(short, "why")
    assert "x,y,z,3,why\r\n" == reader.rejected_line(long, "why")


def test_lines_without_text_are_counted_and_skipped() -> None:
    """Lines of delimiters, blanks, tabs and non-breaking spaces count as empty."""
    reader = CsvReader(["a,b\n", ",\n", "\xa0,\t\n", "\n", "x,\n"])
    assert ([5], 3) == ([line.number for line in reader], reader.blank)
    objects = JsonLinesReader(["\n", " \t\n", '{"a": 1}\n'])
    assert ([3], 2) == ([line.number for line in objects], objects.blank)


def test_columns_without_a_name_are_left_out() -> None:
    """Two unnamed columns are not duplicates; their values are kept for rejected lines."""
    reader = CsvReader(["a,,b,\n", "1,2,3,4\n"])
    (line,) = reader
    assert {"a": "1", "b": "3"} == line.row
    assert "1,2,3,4,2,why\r\n" == reader.rejected_line(line, "why")


@pytest.mark.parametrize("declaration", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n'])
def test_the_first_line_may_declare_the_delimiter(declaration: str) -> None:
    """Excel's `sep=` line is counted, and repeated in the file of rejected lines."""
    reader = CsvReader([declaration, "a;b\n", "1;2\n"], ",")
    (line,) = reader
    assert (3, {"a": "1", "b": "2"}) == (line.number, line.row)
    assert "sep=;\r\na;b;line;reason\r\n" == reader.header


def test_a_large_cell_is_read_whole() -> None:
    """A cell above the limit of Python's csv module is read and written normally."""
    text = "y" * 200_000
    reader = CsvReader(["a,b\n", f"x,{text}\n"])
    (line,) = reader
    assert {"a": "x", "b": text} == line.row
    assert f"x,{text},2,too long\r\n" == reader.rejected_line(line, "too long")


def test_a_cell_without_end_is_kept_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quote that is never closed does not fill the memory, and the line is kept."""
    before = csv.field_size_limit(20)
    monkeypatch.setattr(readers, "_MAX_CELL", 20)
    try:
        bad, good = CsvReader(["a,b\n", f"x,{'y' * 21}\n", "x,y\n"])
        with pytest.raises(BadRequestError, match="header cannot be read as CSV"):
            CsvReader(["y" * 21 + "\n"])
    finally:
        csv.field_size_limit(before)
    assert ("not CSV: field larger than field limit (20)", [f"x,{'y' * 21}\n"]) == (
        bad.fault,
        bad.raw,
    )
    assert {"a": "x", "b": "y"} == good.row


def test_a_wrong_encoding_is_named_with_its_line() -> None:
    """If the bytes cannot be kept, reading ends with an error that names the encoding."""
    text = io.TextIOWrapper(
        io.BytesIO("a,b\n1,2\n".encode("utf-16") + b"\x00"), encoding="utf-16", newline=""
    )
    with pytest.raises(BadRequestError, match="read as utf-16 from about line"):
        list(CsvReader(text, encoding="utf-16"))


def test_numbers_keep_the_form_they_are_written_in() -> None:
    """Leading zeros, exponents and long numbers are kept in text columns."""
    (line,) = JsonLinesReader(['{"a": 007, "b": 1e5, "c": 12345678901234567890, "d": "x: 007"}'])
    mapper = DraftMapper({"interaction_type": lambda _: "call", "subject": "a", "description": "b"})
    assert {"subject": "007", "description": "1e5"}.items() <= mapper.map_fields(line).items()
    other = DraftMapper({"interaction_type": "d", "subject": "c"}).map_fields(line)
    assert {"interaction_type": "x: 007", "subject": "12345678901234567890"} == other
    assert line.row is not None
    assert 12345678901234567891 == int(str(line.row["c"])) + 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting property name enclosed in double quotes at character 2"),
        ('{"a": 0x1}', "Expecting ',' delimiter at character 8"),
        ("[" * 100_000, "nested too deeply"),
        ('"a"', "it is a str"),
    ],
)
def test_what_is_not_an_object_says_where(text: str, reason: str) -> None:
    """The reason names the problem and, for invalid JSON, its position in the line."""
    with pytest.raises(ValueError, match=reason):
        read_object(text)


@pytest.mark.parametrize("end", ["", "007"])
def test_a_string_without_end_takes_no_longer_than_others(end: str) -> None:
    """Reading an unterminated string takes linear time, even with a megabyte of escaped quotes."""
    with pytest.raises(ValueError, match=r"^Unterminated string"):
        read_object('{"subject": "' + '\\"' * 500_000 + end)


def test_keys_tell_lines_apart() -> None:
    """A line's key is derived from the file, its line number and its content."""
    line = Line(2, ["x"])
    others = [
        line.idempotency_key("f"),
        line.idempotency_key("g"),
        Line(3, ["x"]).idempotency_key("f"),
        Line(2, ["y"]).idempotency_key("f"),
    ]
    assert 4 == len(set(others))
    assert line.idempotency_key("f") == Line(2, ["x"]).idempotency_key("f")
    assert Line(2, ["\udce9"]).idempotency_key("f")


def test_a_mapping_is_checked_before_the_file() -> None:
    """An unknown field or a missing type is rejected when the mapping is created."""
    with pytest.raises(BadRequestError, match="no field color"):
        DraftMapper({"interaction_type": "a", "color": "b"})
    with pytest.raises(BadRequestError, match="Map interaction_type"):
        DraftMapper({"subject": "a"})


def test_missing_columns_are_named_at_once() -> None:
    """One error names all missing columns; JSON lines may have different columns."""
    mapper = DraftMapper({"interaction_type": "kind", "subject": "topic"})
    with pytest.raises(BadRequestError, match="no column 'kind', 'topic'; it has 'a;b'"):
        mapper.validate_columns(["a;b"])
    mapper.validate_columns(["kind", "topic", "more"])
    mapper.validate_columns(None)
    DraftMapper(EXPORTED_CSV).validate_columns(["interaction_type"])


def test_functions_of_the_callers_own() -> None:
    """A function gets the line's values, and its exception becomes the reason."""
    mapper = DraftMapper({"interaction_type": lambda record: str(record["kind"]).lower()})
    assert {"interaction_type": "call"} == mapper.map_fields(Line(2, [], {"kind": "CALL"}))
    with pytest.raises(ValueError, match="raised KeyError: 'kind'"):
        mapper.map_fields(Line(2, [], {}))


def test_every_fault_of_a_draft_is_named() -> None:
    """The reason names each field and its rule, but never a value."""
    fields: dict[str, object] = {"interaction_type": "visit", "duration": 0}
    with pytest.raises(ValueError, match=r"interaction_type: Input should be.*; duration: ") as bad:
        make_draft(fields, "key")
    assert "visit" not in str(bad.value)
    with pytest.raises(ValueError, match=r"^Pass id or idempotency_key"):
        make_draft({"interaction_type": "call", "id": "a", "idempotency_key": "b"}, "key")


def test_a_line_may_bring_its_own_key() -> None:
    """An ID or key in the line replaces the derived key."""
    assert "a1" == make_draft({"interaction_type": "call", "id": "a1"}, "key").id
    own = make_draft({"interaction_type": "call", "idempotency_key": "own"}, "key")
    assert "own" == own.idempotency_key
    assert "key" == make_draft({"interaction_type": "call"}, "key").idempotency_key
