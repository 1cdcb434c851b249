from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.models.metadata import InteractionMetadata, StoredMetadata

SYSTEM = {
    "$id": "i1",
    "$createdAt": "2026-05-01T10:00:00.000+00:00",
    "$updatedAt": "2026-05-01T10:00:00.000+00:00",
}
UNREADABLE = [
    "",
    " ",
    "plain text",
    "{",
    "null",
    "5",
    '"text"',
    "[]",
    '[{"tags":[]}]',
    '{"tags":"vip"}',
    '{"tags":null}',
    '{"tags":[1]}',
    '{"location":5}',
    '{"customFields":[]}',
    '{"x":NaN}',
    '{"customFields":{"x":-Infinity}}',
    '{"x":"\\ud800"}',
    '{"x":' + "9" * 4900 + "}",
    '{"x":' + "[" * 2000 + "]" * 2000 + "}",
    '{"tags":[],"tags":}',
    '{"custom_fields":{"a":1}}',
    '{"custom_fields":{"a":1},"customFields":{"b":2}}',
    "\x00",
]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
unknown_keys = texts.filter(lambda key: key not in InteractionMetadata.model_fields)


def read(text: str | None) -> InteractionMetadata | None:
    """Return the metadata of a row with this text in its column."""
    row = json.dumps({**SYSTEM, "metadata": text})
    return CustomerInteraction.model_validate_json(row).metadata


def readable(text: str) -> InteractionMetadata:
    """Return the metadata of a row with valid text."""
    metadata = read(text)
    assert metadata is not None
    assert metadata.invalid_text is None
    return metadata


def invalid_text(text: str) -> InteractionMetadata:
    """Return the metadata of a row with invalid text."""
    metadata = read(text)
    assert metadata is not None
    return metadata


def test_the_document_s_keys() -> None:
    """Names are Python's in Python and the specification's in the column."""
    metadata = InteractionMetadata(
        attachments=["https://a/1.pdf"],
        participants=["ada", "bob@b.example"],
        location="Room 1",
        tags=["vip"],
        custom_fields={"score": 7},
        email_thread_id="t-1",
        call_recording_url="https://a/1.ogg",
    )

    expected = {
        "attachments": ["https://a/1.pdf"],
        "participants": ["ada", "bob@b.example"],
        "location": "Room 1",
        "tags": ["vip"],
        "customFields": {"score": 7},
        "emailThreadId": "t-1",
        "callRecordingUrl": "https://a/1.ogg",
    }
    assert expected == json.loads(metadata.to_wire())
    assert metadata == readable(json.dumps(expected))


def test_only_what_was_set_is_written() -> None:
    """Defaults are not written, to save space in the column."""
    assert "{}" == InteractionMetadata().to_wire()
    assert '{"location":null,"tags":[]}' == InteractionMetadata(tags=[], location=None).to_wire()
    assert (
        '{"tags":["é"],"zone":1}'
        == InteractionMetadata.model_validate({"zone": 1, "tags": ["é"]}).to_wire()
    )


def test_no_metadata_is_none() -> None:
    """A null column is None, not empty metadata."""
    assert read(None) is None


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"x":1}',
        '{"tags":["a"],"x":{"y":[null,true,1.5,"é"]}}',
        '{"customFields":{"a":{"b":[1e+100,-0.0,123456789012345678901234567890]}}}',
        '{"__proto__":1,"_unreadable":"x","model_config":{},"to_wire":5}',
        '{"":""}',
    ],
)
def test_unknown_keys_survive(text: str) -> None:
    """Unknown keys are kept and written back."""
    assert text == readable(text).to_wire()


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: text[:30])
def test_other_texts_survive_unchanged(text: str) -> None:
    """Invalid text is kept exactly, also in copies and pickles."""
    metadata = invalid_text(text)

    assert text == metadata.invalid_text == metadata.to_wire()
    assert InteractionMetadata().tags == metadata.tags
    for other in (
        copy.copy(metadata),
        copy.deepcopy(metadata),
        metadata.model_copy(deep=True),
        pickle.loads(pickle.dumps(metadata)),  # noqa: S301 - our own bytes
        metadata.with_custom_field("a", 1),
        metadata.without_custom_field("a"),
    ):
        assert text == other.to_wire()
        assert metadata == other
        assert hash(metadata) == hash(other)


def test_what_differs_is_not_equal() -> None:
    """Metadata with different invalid texts is not equal."""
    assert invalid_text("a") != invalid_text("b")
    assert invalid_text("a") != InteractionMetadata()
    assert 3 == len({invalid_text("a"), invalid_text("b"), InteractionMetadata(tags=["a"])})


@pytest.mark.parametrize("text", ["oops", '{"tags":["a"],"x":1}', None])
def test_an_interaction_survives_its_own_json(text: str | None) -> None:
    """Nothing is lost in pydantic's JSON."""
    first = CustomerInteraction.model_validate({**SYSTEM, "metadata": text})

    for by_alias in (True, False):
        again = CustomerInteraction.model_validate_json(first.model_dump_json(by_alias=by_alias))
        assert first == again
    assert first == CustomerInteraction.model_validate(first.model_dump())


def test_custom_fields_are_set_and_taken_away() -> None:
    """The copy differs in one field, and the original is unchanged."""
    first = InteractionMetadata.model_validate({"customFields": {"a": 1}, "x": 2})

    assert '{"customFields":{"a":1,"b":[2]},"x":2}' == first.with_custom_field("b", [2]).to_wire()
    assert '{"customFields":{"a":3},"x":2}' == first.with_custom_field("a", 3).to_wire()
    assert '{"customFields":{},"x":2}' == first.without_custom_field("a").to_wire()
    assert first is first.without_custom_field("b")
    assert '{"customFields":{"a":1},"x":2}' == first.to_wire()
    assert '{"customFields":{"b":1}}' == InteractionMetadata().with_custom_field("b", 1).to_wire()


def test_metadata_is_frozen() -> None:
    """Metadata cannot be modified."""
    with pytest.raises(ValidationError, match="frozen"):
        InteractionMetadata().location = "x"


@pytest.mark.parametrize(
    "value",
    [float("nan"), object(), {1}, "\ud800", 10**5000],
    ids=["nan", "object", "set", "surrogate", "huge"],
)
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    """Values without JSON are rejected in custom fields and under unknown keys."""
    for fields in ({"custom_fields": {"x": value}}, {"unknown": value}):
        with pytest.raises(ValidationError):
            InteractionMetadata.model_validate(fields)


@pytest.mark.unmeasured
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "tags": st.lists(texts, max_size=3),
            "location": st.none() | texts,
            "custom_fields": st.dictionaries(texts, json_values, max_size=3),
        },
    ),
    st.dictionaries(unknown_keys, json_values, max_size=3),
)
def test_any_metadata_survives_the_column(named: dict[str, Any], unknown: dict[str, Any]) -> None:
    """Writing, reading and writing again results in the same metadata and text."""
    metadata = InteractionMetadata.model_validate({**unknown, **named})

    again = readable(metadata.to_wire())

    assert metadata == again
    assert metadata.to_wire() == again.to_wire()
    assert hash(metadata) == hash(again)


@given(texts)
def test_any_text_survives_the_column(text: str) -> None:
    """Reading and writing results in the same text or the same JSON."""
    metadata = invalid_text(text)

    assert text == metadata.to_wire() or json.loads(text) == json.loads(metadata.to_wire())


def test_a_word_of_numbers_in_a_text_is_a_text() -> None:
    """`Infinity` is invalid as a number, but allowed in a text."""
    text = '{"location":"Infinity Hall"}'
    read: InteractionMetadata | None = TypeAdapter(StoredMetadata).validate_python(text)
    assert InteractionMetadata(location="Infinity Hall") == read


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("particpants", "participants"),
        ("tag", "tags"),
        ("locations", "location"),
        ("customFeilds", "customFields"),
        ("email_thread_ib", "email_thread_id"),
    ],
)
def test_a_key_that_was_probably_mistyped_is_warned_of(key: str, meant: str) -> None:
    """The key is kept, as every unknown key is."""
    with pytest.warns(UserWarning, match=f"'{key}' is kept as it is. Did you mean '{meant}'"):
        metadata = InteractionMetadata.model_validate({key: ["a"]})

    assert {key: ["a"]} == json.loads(metadata.to_wire())


def test_other_keys_are_not_warned_of() -> None:
    """Other unknown keys, and keys read from rows, cause no warning."""
    InteractionMetadata.model_validate({"project": 1, "tagged": True, "participant_ids": []})
    assert InteractionMetadata.model_validate_json('{"tag": 1}').to_wire() == '{"tag":1}'
