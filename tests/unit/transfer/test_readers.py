"""Lines of files: read, told where they are bad, and written so that they read again."""

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
from interactions_sdk.transfer.csv_injection import defused, undefused
from interactions_sdk.transfer.mapping import EXPORTED_CSV, EXPORTED_JSON, DraftReader, draft_of
from interactions_sdk.transfer.readers import CsvLines, JsonLines, Line
from interactions_sdk.transfer.writers import CSV_HEAD, to_csv, to_json_lines

if TYPE_CHECKING:
    from interactions_sdk import InteractionCreate

NOON = datetime(2026, 5, 1, 12, 0, 0, 123000, tzinfo=UTC)
TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def interaction(**fields: object) -> CustomerInteraction:
    """Return a call, if the fields do not say otherwise."""
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
    """Read what was exported as CSV."""
    lines = CsvLines(io.StringIO(text, newline=""))
    reader = DraftReader(EXPORTED_CSV)
    return [draft_of(reader.fields(line), "key") for line in lines]


def from_json(text: str) -> list[InteractionCreate]:
    """Read what was exported as JSON Lines."""
    reader = DraftReader(EXPORTED_JSON)
    return [draft_of(reader.fields(line), "key") for line in JsonLines(io.StringIO(text))]


@given(TEXTS)
def test_formulas_are_undone(text: str | None) -> None:
    """Whatever a customer wrote comes back, and no cell begins as a formula does."""
    cell = defused(text)
    assert text == undefused(cell)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_exported_reads_again(
    subject: str | None, description: str | None, location: str | None
) -> None:
    """Both formats keep every text: quotes, line ends, apostrophes and none at all."""
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
    """It is a text in both formats."""
    written = interaction(metadata=InteractionMetadata.from_invalid_text("=oops"), duration=None)
    assert "oops" in to_csv([written])
    assert "=oops" == json.loads(to_json_lines([written]))["metadata"]


def test_a_line_has_the_number_where_it_begins() -> None:
    """Fields may hold line ends, and blank lines count."""
    lines = CsvLines(["a,b\r\n", '"x\n', 'y",1\r\n', "\r\n", "z,2\r\n"])
    assert [(2, "x\ny"), (5, "z")] == [
        (line.number, line.record and line.record["a"]) for line in lines
    ]
    texts = ["", '{"a": 1}', " ", '{"a": 2}']
    assert [2, 4] == [line.number for line in JsonLines(texts)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x\n", "it has 1 fields, and the header 2"),
        ("x,y,z\n", "it has 3 fields, and the header 2"),
        ("x,\udce9\n", "the byte 0xe9 is no character"),
        (f"x,{'y' * (csv.field_size_limit() + 1)}\n", "it is no CSV: field larger"),
    ],
)
def test_a_bad_line_does_not_stop_the_file(text: str, fault: str) -> None:
    """What cannot be read is told of, and the next line is read."""
    bad, good = CsvLines(["a,b\n", text, "x,y\n"])
    assert fault in bad.fault
    assert {"a": "x", "b": "y"} == good.record
    with pytest.raises(ValueError, match=fault):
        DraftReader({"interaction_type": "a"}).fields(bad)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "it is no JSON object"),
        ("[1]", "it is no JSON object"),
        ('{"a": "\udce9"}', "the byte 0xe9 is no character"),
    ],
)
def test_a_bad_json_line_does_not_stop_the_file(text: str, fault: str) -> None:
    """What is no object is told of, and kept as it is to be mended."""
    bad, good = JsonLines([text, '{"a": 1}'])
    assert fault in bad.fault
    assert {"a": 1} == good.record
    assert f"{text}\n" == JsonLines([]).rejected(bad, "reason")


@pytest.mark.parametrize(
    ("texts", "delimiter", "message"),
    [
        ([], ",", "no header"),
        ([" , \n"], ",", "no header"),
        (["a,b,a\n"], ",", "more than one column 'a'"),
        (["a\n"], "", "cannot be read as CSV"),
        ([f"{'y' * (csv.field_size_limit() + 1)}\n"], ",", "cannot be read as CSV"),
    ],
)
def test_a_header_must_name_the_columns(texts: list[str], delimiter: str, message: str) -> None:
    """A file without one is refused as a whole."""
    with pytest.raises(BadRequestError, match=message):
        CsvLines(texts, delimiter)


def test_rejected_lines_say_why_and_read_again() -> None:
    """A second rejection takes the place of the first one."""
    lines = CsvLines(["a;b\n", "x;y\n"], ";")
    (line,) = lines
    text = lines.head + lines.rejected(line, "too long")
    assert "import_line;import_error;a;b\r\n2;too long;x;y\r\n" == text
    again = CsvLines(io.StringIO(text, newline=""), ";")
    (mended,) = again
    assert text == again.head + again.rejected(mended, "too long")
    objects = JsonLines(['{"a": "x"}'])
    (found,) = objects
    told = objects.rejected(found, "too long")
    assert {"a": "x", "import_line": 1, "import_error": "too long"} == json.loads(told)


def test_keys_tell_lines_apart() -> None:
    """A line's key is its own: by the file, the place and what it says."""
    line = Line(2, ["x"])
    others = [line.key("f"), line.key("g"), Line(3, ["x"]).key("f"), Line(2, ["y"]).key("f")]
    assert 4 == len(set(others))
    assert line.key("f") == Line(2, ["x"]).key("f")
    assert Line(2, ["\udce9"]).key("f")


def test_a_mapping_is_checked_before_the_file() -> None:
    """A field that no draft has, or no type, is the caller's mistake."""
    with pytest.raises(BadRequestError, match="no field color"):
        DraftReader({"interaction_type": "a", "color": "b"})
    with pytest.raises(BadRequestError, match="Nothing says what the lines are"):
        DraftReader({"subject": "a"})


def test_missing_columns_are_named_at_once() -> None:
    """The file is refused before anything is written; lines of JSON have their own columns."""
    reader = DraftReader({"interaction_type": "kind", "subject": "topic"})
    with pytest.raises(BadRequestError, match="no column 'kind', 'topic'; it has 'a;b'"):
        reader.check(["a;b"])
    reader.check(["kind", "topic", "more"])
    reader.check(None)
    DraftReader(EXPORTED_CSV).check(["interaction_type"])


def test_functions_of_the_callers_own() -> None:
    """They take the line's values; what they raise for a bad value is the reason."""
    reader = DraftReader({"interaction_type": lambda record: str(record["kind"]).lower()})
    assert {"interaction_type": "call"} == reader.fields(Line(2, [], {"kind": "CALL"}))
    with pytest.raises(ValueError, match="interaction_type: 'kind'"):
        reader.fields(Line(2, [], {}))


def test_every_fault_of_a_draft_is_named() -> None:
    """The reason has each field, and the rule it is against; it never has the value."""
    fields: dict[str, object] = {"interaction_type": "visit", "duration": 0}
    with pytest.raises(ValueError, match=r"interaction_type: Input should be.*; duration: ") as bad:
        draft_of(fields, "key")
    assert "visit" not in str(bad.value)
    with pytest.raises(ValueError, match=r"^Give id or idempotency_key"):
        draft_of({"interaction_type": "call", "id": "a", "idempotency_key": "b"}, "key")


def test_a_line_may_bring_its_own_key() -> None:
    """An id or a key of the line's own goes first."""
    assert "a1" == draft_of({"interaction_type": "call", "id": "a1"}, "key").id
    own = draft_of({"interaction_type": "call", "idempotency_key": "own"}, "key")
    assert "own" == own.idempotency_key
    assert "key" == draft_of({"interaction_type": "call"}, "key").idempotency_key
