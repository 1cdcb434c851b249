# Generated from tests/_async/writing/test_plain_calls.py by scripts/unasync.py; do not edit.
"""Drafts and updates passed as keywords instead of models."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta
from typing import Any

import jedi  # type: ignore[import-untyped]
import pytest
from pydantic import ValidationError

from interactions_sdk import (
    BadRequestError,
    FollowUps,
    InteractionCreate,
    InteractionMetadata,
    InteractionRepository,
    InteractionsClient,
    InteractionUpdate,
)

DRAFT = set(InteractionCreate.model_fields)
FILTERS = {
    *("customer_id", "interaction_type", "user_id", "contact_method", "direction", "outcome"),
    *("related_entity", "text", "since", "until"),
}
SHORT = ("log_call", "log_email", "log_meeting", "log_note", "log_task")


def in_a_day() -> datetime:
    """Return the time in one day."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)


def test_keywords_write_what_a_model_writes(ada: InteractionRepository) -> None:
    """All fields can be passed as keywords; None clears a column."""
    fields: Any = {
        "interaction_type": "call",
        "subject": "Intro",
        "next_action_date": in_a_day(),
        "metadata": InteractionMetadata(tags=["vip"]),
    }

    plain = ada.create(**fields)
    model = ada.create(InteractionCreate(**fields))
    different = {"id", "created_at", "updated_at"}
    assert plain.model_dump(exclude=different) == model.model_dump(exclude=different)

    plain = ada.update(plain.id, outcome="busy", next_action_date=None, subject="Renewal")
    model = ada.update(
        model.id, InteractionUpdate(outcome="busy", next_action_date=None, subject="Renewal")
    )
    assert plain.model_dump(exclude=different) == model.model_dump(exclude=different)
    assert ("busy", None, "Renewal") == (plain.outcome, plain.next_action_date, plain.subject)
    assert plain == ada.update(plain.id)


def test_a_model_and_keywords_are_refused(ada: InteractionRepository) -> None:
    """Passing both a model and keywords is rejected, and so is passing neither."""
    anything: Any = ada
    draft, update = InteractionCreate(interaction_type="call"), InteractionUpdate(outcome="busy")

    with pytest.raises(BadRequestError, match="an InteractionCreate or keywords, not both: subj"):
        anything.create(draft, subject="Intro")
    with pytest.raises(BadRequestError, match="an InteractionUpdate or keywords, not both: subj"):
        anything.update("i1", update, subject="Intro")
    with pytest.raises(BadRequestError, match="Pass what to log"):
        anything.create()
    assert 0 == ada.count()


def test_a_mistyped_keyword_is_answered_with_the_close_one(
    ada: InteractionRepository,
) -> None:
    """The error suggests the correct keyword, as in the models."""
    anything: Any = ada

    with pytest.raises(ValidationError, match="Did you mean 'subject'"):
        anything.create(interaction_type="call", subjct="Intro")
    with pytest.raises(ValidationError, match="Did you mean 'outcome'"):
        anything.update("i1", outcom="busy")
    with pytest.raises(ValidationError, match="Did you mean 'duration'"):
        anything.log_call("Intro", durtion=5)


def test_the_next_one_may_be_a_dictionary(ada: InteractionRepository) -> None:
    """A dictionary has the same fields and checks as a model."""
    task = ada.log_task("Call back", next_action_date=in_a_day())
    anything: Any = ada.follow_ups

    with pytest.raises(ValidationError, match="Did you mean 'subject'"):
        anything.complete(task.id, next={"interaction_type": "email", "subjekt": "Offer"})
    with pytest.raises(BadRequestError, match="or a dict of its fields, not 5"):
        anything.complete(task.id, next=5)
    ada.follow_ups.complete(task.id, next={"interaction_type": "email", "subject": "Offer"})

    (email,) = (ada.find(interaction_type="email")).items
    assert ("Offer", "email") == (email.subject, email.contact_method)


def test_short_and_long_calls_have_the_same_defaults(
    ada: InteractionRepository,
) -> None:
    """The contact method follows from the type unless it is passed, even as None."""
    different = {"id", "created_at", "updated_at"}
    for name in SHORT:
        short: Any = getattr(ada, name)
        logged = short("Intro", description="Text") if name != "log_note" else short("x")
        text: Any = {"subject": logged.subject, "description": logged.description}
        created = ada.create(interaction_type=logged.interaction_type, **text)
        assert logged.model_dump(exclude=different) == created.model_dump(exclude=different)
        without = ada.create(interaction_type=logged.interaction_type, contact_method=None, **text)
        assert None is without.contact_method


@pytest.mark.usefixtures("own_jedi_cache")
@pytest.mark.parametrize(
    ("method", "keywords"),
    [
        ("create", DRAFT),
        ("update", set(InteractionUpdate.model_fields)),
        *((name, DRAFT - {"interaction_type"}) for name in SHORT),
        *((name, FILTERS) for name in ("find", "iterate", "count", "export_csv", "export_jsonl")),
        ("watch", FILTERS),
    ],
)
def test_a_signature_names_every_keyword(method: str, keywords: set[str]) -> None:
    """`help()`, documentation and completion show every keyword."""
    known = inspect.signature(getattr(InteractionRepository, method)).parameters
    assert keywords <= known.keys()
    assert all(each.kind is not inspect.Parameter.VAR_KEYWORD for each in known.values())
    assert "Unpack" not in str(inspect.signature(getattr(InteractionRepository, method)))

    repo = InteractionsClient.embedded().as_user("ada")
    shown = jedi.Interpreter(f"repo.{method}(", [{"repo": repo}]).get_signatures()
    assert keywords <= {parameter.name for parameter in shown[0].params}


@pytest.mark.unmeasured
@pytest.mark.usefixtures("own_jedi_cache")
def test_keywords_are_completed() -> None:
    """A REPL completes keywords from their first letters."""
    repo = InteractionsClient.embedded().as_user("ada")

    for code, expected in {
        "repo.create(subj": "subject=",
        "repo.update('i1', outc": "outcome=",
        "repo.find(interaction_t": "interaction_type=",
        "repo.log_call('Intro', durat": "duration=",
    }.items():
        completions = jedi.Interpreter(code, [{"repo": repo}]).complete()
        assert expected in [each.name for each in completions]
    assert "next" in inspect.signature(FollowUps.complete).parameters
