"""The server's SQL finds the same rows as a model of the rules in plain Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from interactions_sdk.embedded import EmbeddedAppwrite
from tests.contract.replayer import Step, read_transcript
from tests.embedded import query_rules as rules
from tests.embedded.http_client import ROWS, Talk, query
from tests.embedded.scenarios import TEXTS, Scene, scenes

if TYPE_CHECKING:
    from collections.abc import Iterable

RECORDED = (
    "fuzz-queries",
    "list-bad-queries",
    "list-equality",
    "list-null-and-or",
    "list-order-page",
    "list-ranges",
    "list-select",
    "list-text",
    "row-unicode",
)
_KINDS: dict[str, rules.Kind] = {"integer": "integer", "datetime": "datetime"}


def recorded_table(steps: Iterable[Step]) -> rules.Table:
    """Return the columns and rows of a transcript."""
    columns: dict[str, rules.Column] = {}
    rows: list[rules.Row] = []
    defaults: dict[str, Any] = {}
    for step in steps:
        body = step.get("body", {})
        match step.get("path", "").split("/")[5:]:
            case ["columns", kind]:
                columns[body["key"]] = rules.Column(_KINDS.get(kind, "text"))
                defaults[body["key"]] = body.get("default")
            case ["indexes"] if body["type"] == "fulltext":
                columns |= {key: rules.Column("text", searchable=True) for key in body["columns"]}
            case ["rows"] if body:
                sent = body.get("rows") or [body["data"] | {"$id": body["rowId"]}]
                rows += [defaults | row for row in sent]
    dated = {"$createdAt": None, "$updatedAt": None}
    numbered = [dated | row | {"$sequence": number} for number, row in enumerate(rows)]
    return rules.Table(columns, numbered)


def recorded_answer(step: Step) -> rules.Found | str:
    """Reduce a recorded response to what the model returns."""
    body = step["response"]["body"]
    if step["response"]["status"] != 200:
        error: str = body["type"]
        return error
    return rules.Found(body["total"], [row["$id"] for row in body["rows"]])


def is_in_words_of_queries(step: Step) -> bool:
    """Return whether the queries of a list request are valid JSON and within the limits."""
    return (
        step.get("method") == "GET"
        and step["path"].endswith("/rows")
        and all(isinstance(query, dict) for query in step.get("queries", []))
        and "`queries` param" not in step["response"]["body"].get("message", "")
    )


@pytest.mark.parametrize("name", RECORDED)
def test_model_agrees_with_recorded_answers(name: str) -> None:
    """The model agrees with the responses of a real Appwrite."""
    steps = read_transcript(name)
    table = recorded_table(steps)
    asked = [step for step in steps if is_in_words_of_queries(step)]
    assert asked
    for step in asked:
        assert recorded_answer(step) == rules.answer(table, step.get("queries", []))


def played(talk: Talk, scene: Scene) -> rules.Table:
    """Create a scene's table on the server, and return the model with the rows it returned."""
    talk.good("POST", "/tablesdb", {"databaseId": "d", "name": "d"})
    talk.good("POST", "/tablesdb/d/tables", {"tableId": "t", "name": "t"})
    for kind, body in scene.column_bodies:
        talk.good("POST", f"/tablesdb/d/tables/t/columns/{kind}", body)
    for body in scene.index_bodies:
        talk.good("POST", "/tablesdb/d/tables/t/indexes", body)
    kept = talk.good("POST", ROWS, {"rows": scene.rows})["rows"] if scene.rows else []
    return rules.Table(scene.columns, kept)


def answered(talk: Talk, queries: list[rules.Query]) -> rules.Found | str:
    """Send a query to the server, and reduce the response to what the model returns."""
    status, body = talk("GET", ROWS, queries=tuple(map(json.dumps, queries)))
    if status != 200:
        error: str = body["type"]
        return error
    return rules.Found(body["total"], [row["$id"] for row in body["rows"]])


def agree(scene: Scene) -> None:
    """Assert that server and model agree on all queries of a scene."""
    with EmbeddedAppwrite() as server:
        talk = Talk(server)
        table = played(talk, scene)
        for queries in scene.queries:
            assert rules.answer(table, queries) == answered(talk, queries)


@settings(
    max_examples=100,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(scenes())
def test_server_agrees_with_model(scene: Scene) -> None:
    """For random tables and queries, the server finds what the model finds."""
    agree(scene)


@pytest.mark.slow
@settings(
    max_examples=5000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(scenes())
def test_server_agrees_with_model_at_length(scene: Scene) -> None:
    """Server and model also agree on many more tables, which differ in each run."""
    agree(scene)


def test_equal_to_one_of_several_texts_with_nul(talk: Talk) -> None:
    """NUL is a normal character, also in a list of values."""
    for row_id, text in (("r1", "a"), ("r2", "a\0b"), ("r3", "a\0c")):
        talk.row(row_id, text=text)
    assert ["r2"] == talk.ids(query("equal", "text", "a\0b", "x"))


@pytest.mark.unmeasured
@settings(max_examples=200, derandomize=True, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_model_orders_text_consistently(one: str, two: str, three: str) -> None:
    """The model's comparison of texts is a total order, as sorting requires."""
    assert rules.compare_text(one, two) == -rules.compare_text(two, one)
    if rules.compare_text(one, two) <= 0 and rules.compare_text(two, three) <= 0:
        assert rules.compare_text(one, three) <= 0
