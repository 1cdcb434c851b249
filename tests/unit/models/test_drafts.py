from __future__ import annotations

import copy
import pickle
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from interactions_sdk.models.drafts import InteractionCreate, InteractionUpdate, validate_update
from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType, Outcome
from interactions_sdk.models.interaction import CustomerInteraction
from interactions_sdk.models.metadata import InteractionMetadata

NOW = datetime(2026, 5, 1, 10, 0, 0, 500_000, UTC)
LATER = NOW + timedelta(days=1)

BOTH = pytest.mark.parametrize("kind", ["create", "update"])


@pytest.fixture(autouse=True)
def _fixed_now() -> Any:
    """Freeze the clock for all tests."""
    with time_machine.travel(NOW, tick=False):
        yield


def build(kind: str, /, **fields: Any) -> InteractionCreate | InteractionUpdate:
    """Return a draft of either kind, by default a call."""
    if kind == "create":
        return InteractionCreate.model_validate({"interaction_type": "call", **fields})
    return InteractionUpdate.model_validate(fields)


def faults(kind: str, /, **fields: Any) -> list[tuple[Any, str]]:
    """Return the field and the type of each error."""
    with pytest.raises(ValidationError) as caught:
        build(kind, **fields)
    return [((fault["loc"] or (None,))[0], fault["type"]) for fault in caught.value.errors()]


def stored(**fields: Any) -> CustomerInteraction:
    """Return an interaction as read from a row."""
    return CustomerInteraction.model_validate(
        {"id": "i1", "created_at": NOW, "updated_at": NOW, "interaction_type": "call", **fields}
    )


# --- required fields and defaults


def test_only_the_type_is_required() -> None:
    """The specification requires a type; customer, user and direction have defaults."""
    with pytest.raises(ValidationError) as caught:
        InteractionCreate.model_validate({})

    assert [("interaction_type", "missing")] == [
        (fault["loc"][0], fault["type"]) for fault in caught.value.errors()
    ]


def test_the_type_may_stand_first() -> None:
    """The type can be passed as a positional argument, with the same validation."""
    named = InteractionCreate(interaction_type="call", subject="Intro")
    assert named == InteractionCreate("call", subject="Intro")
    assert {"interaction_type", "subject"} == InteractionCreate(
        "call", subject="Intro"
    ).model_fields_set
    anything: Any = InteractionCreate

    with pytest.raises(ValidationError, match="Did you mean 'call'"):
        anything("cal")
    with pytest.raises(ValidationError, match=r"interaction_type\n  Field required"):
        anything(subject="Intro")
    with pytest.raises(TypeError, match="multiple values for argument 'interaction_type'"):
        anything("call", interaction_type="email")


def test_the_direction_is_outbound() -> None:
    """The default is set in the draft, since the server's column is required and has none."""
    draft = InteractionCreate(interaction_type=InteractionType.CALL)

    assert Direction.OUTBOUND is draft.direction
    assert {"interaction_type", "direction", "contact_method"} == set(
        draft.model_dump(exclude_none=True)
    )


@pytest.mark.parametrize(
    ("kind", "method"),
    [("call", "phone"), ("email", "email"), ("meeting", "in_person"), ("task", None)],
)
def test_the_contact_method_follows_from_the_type(kind: str, method: str | None) -> None:
    """The default applies unless the method is passed; a wrong type is reported only once."""
    draft = build("create", interaction_type=kind, description="Text")
    without = build("create", interaction_type=kind, description="Text", contact_method=None)

    assert (method, None) == (draft.contact_method, without.contact_method)
    assert [("interaction_type", "enum")] == faults("create", interaction_type="phone")


@BOTH
def test_json_has_either_spelling(kind: str) -> None:
    """Names may be Python's or the columns', but not both; errors use the given name."""
    date = LATER.isoformat()

    assert build(kind, nextAction="Call", nextActionDate=date) == build(
        kind, next_action="Call", next_action_date=date
    )
    assert [("nextAction", "string_type")] == faults(kind, nextAction=5)
    assert [("nextAction", "extra_forbidden")] == faults(kind, nextAction="a", next_action="b")


def test_an_update_sets_nothing_by_itself() -> None:
    """Only fields that were passed are sent, including None."""
    assert set() == InteractionUpdate().model_fields_set
    assert {"outcome"} == InteractionUpdate(outcome=None).model_fields_set


# --- enums


@BOTH
@pytest.mark.parametrize(
    ("field", "enum"),
    [
        ("interaction_type", InteractionType),
        ("contact_method", ContactMethod),
        ("direction", Direction),
        ("outcome", Outcome),
    ],
)
def test_enums_take_their_values_only(kind: str, field: str, enum: Any) -> None:
    """Members and values are accepted; other values and other cases are rejected."""
    for member in enum:
        described = {"description": "x", field: member}
        assert member is getattr(build(kind, **described), field)
        assert member is getattr(build(kind, **described | {field: member.value}), field)
    for wrong in ("", "fax", member.value.upper(), f" {member.value}", 1, ["call"]):
        assert [(field, "enum")] == faults(kind, **{field: wrong})


@BOTH
@pytest.mark.parametrize("field", ["interaction_type", "direction"])
def test_required_columns_are_never_null(kind: str, field: str) -> None:
    """A required column can be neither created as null nor cleared."""
    assert [field] == [place for place, _ in faults(kind, **{field: None})]


@pytest.mark.parametrize(
    "field",
    [
        "subject",
        "description",
        "contact_method",
        "duration",
        "outcome",
        "next_action",
        "next_action_date",
        "related_entity_type",
        "related_entity_id",
        "metadata",
    ],
)
def test_every_other_column_can_be_cleared(field: str) -> None:
    """An update accepts None for every optional column."""
    assert {field} == build("update", **{field: None}).model_fields_set


# --- lengths


@BOTH
@pytest.mark.parametrize("letter", ["a", "é", "😀"])
@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("subject", 200),
        ("description", 5000),
        ("next_action", 500),
        ("related_entity_type", 50),
        ("related_entity_id", 128),
    ],
)
def test_texts_have_the_document_s_lengths(kind: str, field: str, most: int, letter: str) -> None:
    """The limit applies to characters, not bytes."""
    entity = {"related_entity_type": "invoice", "related_entity_id": "1"}
    entity = entity if field in entity else {}

    assert letter * most == getattr(build(kind, **entity | {field: letter * most}), field)
    assert [(field, "string_too_long")] == faults(kind, **entity | {field: letter * (most + 1)})


@BOTH
@pytest.mark.parametrize("field", ["subject", "description", "next_action", "related_entity_type"])
@pytest.mark.parametrize(
    ("wrong", "kind_of_fault"),
    [(5, "string_type"), (b"x\xff", "string_unicode"), (["x"], "string_type")],
)
def test_texts_are_texts(kind: str, field: str, wrong: Any, kind_of_fault: str) -> None:
    """Other types are not converted to text."""
    assert (field, kind_of_fault) in faults(kind, **{field: wrong})


@BOTH
@pytest.mark.parametrize("field", ["subject", "description", "next_action"])
def test_half_a_character_is_refused(kind: str, field: str) -> None:
    """A lone surrogate cannot be sent, so the error names the field."""
    assert [(field, "string_unicode")] == faults(kind, **{field: "\ud800"})


@BOTH
@pytest.mark.parametrize(
    "field",
    ["subject", "description", "next_action", "related_entity_type", "related_entity_id"],
)
def test_a_nul_character_is_refused(kind: str, field: str) -> None:
    """PostgreSQL cannot store it."""
    assert (field, "nul_character") in faults(kind, **{field: "a\0b"})


def test_a_customer_id_has_1_to_128_characters() -> None:
    """The limits are those of the specification."""
    draft = build("create", customer_id="c" * 128)

    assert isinstance(draft, InteractionCreate)
    assert "c" * 128 == draft.customer_id
    assert [("customer_id", "string_too_long")] == faults("create", customer_id="c" * 129)
    assert [("customer_id", "string_too_short")] == faults("create", customer_id="")


# --- descriptions of notes and meetings


@pytest.mark.parametrize("kind", ["note", "meeting"])
@pytest.mark.parametrize("blank", [None, "", " ", "\n\t ", "\u00a0\u2003"])
def test_notes_and_meetings_are_described(kind: str, blank: str | None) -> None:
    """A description must have more than blanks."""
    expected = [("description", "description_required")]

    assert expected == faults("create", interaction_type=kind, description=blank)
    assert expected == faults("create", interaction_type=kind)
    assert "x" == build("create", interaction_type=kind, description="x").description


@pytest.mark.parametrize("kind", sorted(set(InteractionType) - {"note", "meeting"}))
def test_no_other_type_needs_a_description(kind: str) -> None:
    """A description is required only for notes and meetings."""
    assert build("create", interaction_type=kind).description is None


# --- durations


@BOTH
@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (0, "greater_than_equal"),
        (-1, "greater_than_equal"),
        (2**63, "less_than_equal"),
        ("12", "int_type"),
        (True, "int_type"),
        (12.0, "int_type"),
        (Decimal(12), "int_type"),
    ],
)
def test_durations_are_whole_minutes(kind: str, value: Any, fault: str) -> None:
    """Durations must be positive and of the type `int`."""
    assert [("duration", fault)] == faults(kind, duration=value)


@BOTH
@pytest.mark.parametrize("value", [1, 90, 2**63 - 1])
def test_positive_durations(kind: str, value: int) -> None:
    """The minimum is one minute."""
    assert value == build(kind, duration=value).duration


# --- times


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("create", "occurred_at"),
        ("create", "next_action_date"),
        ("update", "next_action_date"),
    ],
)
@pytest.mark.parametrize(
    "value",
    [
        1_777_777_777,
        1_777_777_777.5,
        True,
        Decimal(1_777_777_777),
        "1777777777",
        b"1777777777",
        "-5",
        date(2027, 1, 1),
        "2027-01-01",
        "",
        "tomorrow",
        "now",
        datetime(2027, 1, 1),  # noqa: DTZ001 - that is the point
        "2027-01-01T00:00:00",
        "2027-13-01T00:00:00Z",
        "0999-12-31T23:59:59Z",
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))),
    ],
    ids=repr,
)
def test_moments_are_aware_and_exact(kind: str, field: str, value: Any) -> None:
    """Numbers, dates, naive times and times outside Appwrite's range are rejected."""
    assert [field] == [place for place, _ in faults(kind, **{field: value})]


@BOTH
@pytest.mark.parametrize(
    "value",
    [
        "2027-01-01T00:00:00Z",
        "2027-01-01T05:30:00+05:30",
        "2027-01-01 00:00:00.000+00:00",
        "2026-12-31T19:00-05:00",
        datetime(2027, 1, 1, tzinfo=UTC),
        datetime(2027, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ],
)
def test_iso_texts_and_aware_datetimes(kind: str, value: Any) -> None:
    """All of these are the same time."""
    assert datetime(2027, 1, 1, tzinfo=UTC) == build(kind, next_action_date=value).next_action_date


def test_times_are_truncated_to_milliseconds() -> None:
    """Times are truncated like Appwrite's, so what is read back equals the draft."""
    draft = InteractionCreate.model_validate(
        {"interaction_type": "call", "occurred_at": datetime(2026, 1, 1, 0, 0, 0, 123_999, UTC)}
    )

    assert datetime(2026, 1, 1, 0, 0, 0, 123_000, UTC) == draft.occurred_at


def test_the_year_1000_is_early_enough() -> None:
    """The earliest time that Appwrite stores is accepted."""
    first = datetime(1000, 1, 1, tzinfo=UTC)

    draft = InteractionCreate.model_validate({"interaction_type": "call", "occurred_at": first})

    assert first == draft.occurred_at


# --- the next action


@BOTH
@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1), timedelta(days=3650)])
def test_the_next_action_is_in_the_future(kind: str, late: timedelta) -> None:
    """The next action must be later than now."""
    assert [("next_action_date", "not_later")] == faults(kind, next_action_date=NOW - late)
    with pytest.raises(ValidationError, match="must be later than now"):
        build(kind, next_action_date=NOW - late)


def test_the_next_action_is_later_than_what_it_follows() -> None:
    """With `occurred_at`, the next action must be later than that, but may be in the past."""
    occurred = NOW - timedelta(days=7)
    after, before = occurred + timedelta(days=6), occurred - timedelta(days=1)

    assert after == build("create", occurred_at=occurred, next_action_date=after).next_action_date
    for wrong in (before, occurred):
        assert [("next_action_date", "not_later")] == faults(
            "create", occurred_at=occurred, next_action_date=wrong
        )
    with pytest.raises(ValidationError, match="must be later than occurred_at"):
        build("create", occurred_at=occurred, next_action_date=before)


def test_the_next_action_of_something_planned_is_later_than_that() -> None:
    """An `occurred_at` in the near future is also earlier than the next action."""
    begun = NOW + timedelta(minutes=4)

    assert [("next_action_date", "not_later")] == faults(
        "create", occurred_at=begun, next_action_date=NOW + timedelta(minutes=1)
    )


def test_what_is_planned_has_not_occurred() -> None:
    """A time more than five minutes ahead is rejected, because it would be the last contact."""
    assert [("occurred_at", "in_the_future")] == faults(
        "create", occurred_at=NOW + timedelta(minutes=5, milliseconds=1)
    )
    occurred = NOW + timedelta(minutes=5)
    assert occurred == InteractionCreate(interaction_type="call", occurred_at=occurred).occurred_at


def test_a_mistyped_word_is_answered_with_the_one_that_was_meant() -> None:
    """Fields and enum values get suggestions; other errors of the draft stay the same."""
    wrong = {"interaction_type": "call", "outcom": "busy", "outcome": "no answer", "duration": 0}
    with pytest.raises(ValidationError) as caught:
        InteractionCreate.model_validate({**wrong, "next_action_date": NOW - timedelta(days=1)})

    told = {error["loc"][0]: error["msg"] for error in caught.value.errors()}
    assert "Extra inputs are not permitted. Did you mean 'outcome'?" == told["outcom"]
    assert told["outcome"].endswith("Did you mean 'no_answer'?")
    assert "Input should be greater than or equal to 1" == told["duration"]
    assert told["next_action_date"].startswith("The next action must be later than now")


def test_a_wrong_occurred_at_is_the_only_fault() -> None:
    """The next action is then compared with now, so only one error is reported."""
    assert [("occurred_at", "datetime_type")] == faults(
        "create", occurred_at=5, next_action_date=LATER
    )


# --- related entities


@pytest.mark.parametrize(
    "half", [{"related_entity_type": "invoice"}, {"related_entity_id": "inv-1"}]
)
def test_a_related_entity_is_whole_or_none(half: dict[str, str]) -> None:
    """Type and ID must be given together."""
    assert [("related_entity_id", "related_entity_together")] == faults("create", **half)
    whole = build("create", related_entity_type="invoice", related_entity_id="inv-1")
    none = build("create", related_entity_type=None, related_entity_id=None)
    assert ("invoice", "inv-1") == (whole.related_entity_type, whole.related_entity_id)
    assert (None, None) == (none.related_entity_type, none.related_entity_id)


@BOTH
@pytest.mark.parametrize("field", ["related_entity_type", "related_entity_id"])
def test_nothing_is_no_related_entity(kind: str, field: str) -> None:
    """An empty text is rejected; only the invalid field is reported."""
    whole = {"related_entity_type": "invoice", "related_entity_id": "1", field: ""}

    assert [(field, "string_too_short")] == faults(kind, **whole)


# --- metadata


@BOTH
def test_metadata_is_given_as_model_or_dictionary(kind: str) -> None:
    """Python's names and the column's names have the same result."""
    expected = InteractionMetadata(tags=["vip"], custom_fields={"score": 7})

    for given_ in (
        expected,
        {"tags": ["vip"], "custom_fields": {"score": 7}},
        {"tags": ["vip"], "customFields": {"score": 7}},
    ):
        assert expected == build(kind, metadata=given_).metadata


@BOTH
def test_metadata_has_at_most_5000_characters(kind: str) -> None:
    """The limit applies to the compact JSON, in characters."""
    most = "é" * (5000 - len('{"location":""}'))

    assert 5000 == len(build(kind, metadata={"location": most}).metadata.to_wire())  # type: ignore[union-attr]
    assert [("metadata", "metadata_too_long")] == faults(kind, metadata={"location": most + "é"})
    with pytest.raises(ValidationError, match="at most 5000 characters as JSON, not 5001"):
        build(kind, metadata={"location": most + "é"})


@BOTH
@pytest.mark.parametrize(
    "metadata",
    [
        "text",
        '{"tags":[]}',
        5,
        ["tag"],
        {"tags": "vip"},
        {"tags": [1]},
        {"location": 5},
        {"custom_fields": {"x": float("nan")}},
        {"custom_fields": {"x": NOW}},
        {"custom_fields": {"x": "\ud800"}},
        {"unknown": float("inf")},
        {"unknown": {1, 2}},
        {"unknown": "\ud800"},
        {"location": "\ud800"},
        {"tags": ["\ud800"]},
    ],
    ids=repr,
)
def test_metadata_that_is_none_is_refused(kind: str, metadata: Any) -> None:
    """Values of a wrong type or without JSON are reported under `metadata`."""
    assert {"metadata"} == {place for place, _ in faults(kind, metadata=metadata)}


@BOTH
@pytest.mark.parametrize("place", ["unknown", "customFields"])
@pytest.mark.parametrize("depth", [250, 100_000])
def test_bottomless_metadata_is_refused(kind: str, place: str, depth: int) -> None:
    """Metadata that is nested too deeply for JSON is rejected."""
    bottomless: list[Any] = []
    for _ in range(depth):
        bottomless = [bottomless]

    assert {"metadata"} == {field for field, _ in faults(kind, metadata={place: {"x": bottomless}})}


# --- IDs and keys


@pytest.mark.parametrize("value", ["a", "A.b-c_0", "a" * 36])
def test_an_id_of_one_s_own(value: str) -> None:
    """All IDs that Appwrite accepts are accepted."""
    assert value == build("create", id=value).id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "value", ["", "a" * 37, "_a", "-a", ".", "..", "a/b", "../x", "a b", "a\n", "é", "a%2Fb"]
)
def test_other_ids_are_refused(value: str) -> None:
    """Other IDs are rejected, because they become part of a path."""
    assert [("id", "string_pattern_mismatch")] == faults("create", id=value)


def test_an_id_or_a_key() -> None:
    """The ID is derived from the key, so only one of them can be passed."""
    assert [(None, "id_or_key")] == faults("create", id="a", idempotency_key="k")
    assert "k" == build("create", idempotency_key="k").idempotency_key  # type: ignore[union-attr]
    assert [("idempotency_key", "string_too_short")] == faults("create", idempotency_key="")


# --- fields that do not exist


@pytest.mark.parametrize("field", ["user_id", "created_by", "created_at", "createdAt", "subjekt"])
def test_a_create_has_no_such_field(field: str) -> None:
    """Authors cannot be set, and misspelt fields are rejected."""
    assert [(field, "extra_forbidden")] == faults("create", **{field: "x"})


@pytest.mark.parametrize(
    "field",
    ["customer_id", "customerId", "user_id", "created_by", "id", "occurred_at", "idempotency_key"],
)
def test_an_update_has_no_such_field(field: str) -> None:
    """The customer and the authors of an interaction cannot be changed."""
    assert [(field, "extra_forbidden")] == faults("update", **{field: "x"})


# --- drafts as values


@BOTH
def test_drafts_are_values(kind: str) -> None:
    """Drafts are frozen, equal and hashable by value, and can be pickled and copied."""
    fields = {"subject": "x", "metadata": {"tags": ["a"], "custom_fields": {"b": [1]}, "c": 2}}
    draft = build(kind, **fields)

    with pytest.raises(ValidationError, match="frozen"):
        draft.subject = "y"
    assert {draft} == {build(kind, **fields)}
    assert draft != build(kind, subject="x")
    for other in (pickle.loads(pickle.dumps(draft)), copy.deepcopy(draft), copy.copy(draft)):  # noqa: S301 - our own bytes
        assert draft == other
        assert draft.model_fields_set == other.model_fields_set


@pytest.mark.unmeasured
@BOTH
@given(fields=st.dictionaries(st.sampled_from([*InteractionCreate.model_fields, "x"]), st.text()))
def test_nothing_but_validation_errors(kind: str, fields: dict[str, str]) -> None:
    """Whatever the text, the draft is valid or a `ValidationError` is raised."""
    with suppress(ValidationError):
        build(kind, **fields)


# --- updates and the interaction's rules


@pytest.mark.parametrize(
    ("current", "update"),
    [
        ({}, {"subject": "x"}),
        ({}, {"description": None}),
        ({"interaction_type": "note", "description": "x"}, {"description": "y"}),
        ({"interaction_type": "note", "description": "x"}, {"interaction_type": "meeting"}),
        (
            {"interaction_type": "note", "description": "x"},
            {"interaction_type": "call", "description": None},
        ),
        ({}, {"interaction_type": "note", "description": "x"}),
        ({"description": "x"}, {"interaction_type": "note"}),
        ({"interaction_type": "note"}, {"subject": "x"}),
        ({"interaction_type": "fax"}, {"description": ""}),
        ({}, {"related_entity_type": "invoice", "related_entity_id": "1"}),
        ({"related_entity_type": "invoice", "related_entity_id": "1"}, {"related_entity_id": "2"}),
        (
            {"related_entity_type": "invoice", "related_entity_id": "1"},
            {"related_entity_type": None, "related_entity_id": None},
        ),
        ({"related_entity_type": "invoice"}, {"related_entity_id": "1"}),
        ({"related_entity_type": "invoice"}, {"subject": "x"}),
        ({"related_entity_type": "invoice"}, {"related_entity_type": None}),
    ],
    ids=repr,
)
def test_updates_that_keep_the_rules(current: dict[str, Any], update: dict[str, Any]) -> None:
    """Invalid values that an update does not change are accepted."""
    validate_update(stored(**current), InteractionUpdate.model_validate(update))


@pytest.mark.parametrize(
    ("current", "update", "fields"),
    [
        (
            {"interaction_type": "note", "description": "x"},
            {"description": None},
            ["description"],
        ),
        (
            {"interaction_type": "meeting", "description": "x"},
            {"description": " "},
            ["description"],
        ),
        ({}, {"interaction_type": "note"}, ["description"]),
        (
            {"description": "x"},
            {"interaction_type": "note", "description": None},
            ["description"],
        ),
        ({}, {"related_entity_type": "invoice"}, ["related_entity_id"]),
        ({}, {"related_entity_id": "1"}, ["related_entity_type"]),
        (
            {"related_entity_type": "invoice", "related_entity_id": "1"},
            {"related_entity_id": None},
            ["related_entity_id"],
        ),
        (
            {"related_entity_type": "invoice", "related_entity_id": "1"},
            {"related_entity_type": None},
            ["related_entity_type"],
        ),
        (
            {},
            {"interaction_type": "note", "related_entity_id": "1"},
            ["description", "related_entity_type"],
        ),
    ],
    ids=repr,
)
def test_updates_that_break_the_rules(
    current: dict[str, Any], update: dict[str, Any], fields: list[str]
) -> None:
    """All violations after the update are reported at once."""
    with pytest.raises(ValidationError) as caught:
        validate_update(stored(**current), InteractionUpdate.model_validate(update))

    assert "InteractionUpdate" == caught.value.title
    assert [(field,) for field in fields] == [fault["loc"] for fault in caught.value.errors()]
