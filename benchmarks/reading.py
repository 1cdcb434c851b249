"""Reading a page of 100 rows, and one row, compared with the official package and a baseline.

The baseline is httpx's bare request and pydantic's `validate_json` of the same models.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
from appwrite.client import Client
from appwrite.query import Query
from appwrite.services.tables_db import TablesDB
from pydantic_core import from_json

from benchmarks.results import Figure, Section, measured
from benchmarks.stub_server import stub_server
from interactions_sdk import CustomerInteraction, InteractionsClient, Settings
from interactions_sdk.wire import RowList

if TYPE_CHECKING:
    from collections.abc import Sequence


def row(number: int) -> dict[str, object]:
    """Return a row as a server sends it."""
    return {
        "$id": f"{number:032x}",
        "$sequence": str(number),
        "$createdAt": "2026-05-01T10:00:00.123+00:00",
        "$updatedAt": "2026-05-01T10:00:00.123+00:00",
        "$permissions": ['read("user:ada")', 'update("user:ada")', 'delete("user:ada")'],
        "$databaseId": "console-db",
        "$tableId": "customer_interactions",
        "customerId": "c1",
        "interactionType": "call",
        "subject": f"Call number {number} about the renewal",
        "description": "Asked about prices, wants an offer by the end of the month. " * 2,
        "userId": "ada",
        "contactMethod": "phone",
        "direction": "outbound",
        "duration": 12,
        "outcome": "successful",
        "nextAction": None,
        "nextActionDate": "2026-06-01T10:00:00.000+00:00",
        "relatedEntityType": None,
        "relatedEntityId": None,
        "metadata": '{"tags":["vip"]}' if number % 4 == 0 else None,
        "createdBy": "ada",
    }


def a_list(rows: int) -> bytes:
    """Return a list of rows as a server answers it."""
    return json.dumps({"total": rows, "rows": [row(number) for number in range(rows)]}).encode()


def one_row(row_id: str) -> dict[str, list[str]]:
    """Return the parameters of a list of one row, by its ID."""
    by_id = {"method": "equal", "attribute": "$id", "values": [row_id]}
    queries = (by_id, {"method": "limit", "values": [1]})
    return {"queries[]": [json.dumps(each) for each in queries], "total": ["0"]}


ROWS = "/tablesdb/console-db/tables/customer_interactions/rows"
SETTINGS = Settings(verify_users=False)


def to_interaction(row: Any) -> CustomerInteraction:  # noqa: ANN401 - the package's row
    """Convert a row of the official package to this library's model, as by hand."""
    return CustomerInteraction.model_validate(
        {
            "$id": row.id,
            "$createdAt": row.createdat,
            "$updatedAt": row.updatedat,
            "$permissions": row.permissions,
            **row.data,
        }
    )


def page() -> list[Figure]:
    """Measure reading a page of 100 rows."""
    body = a_list(100)
    read = RowList[CustomerInteraction].__pydantic_validator__.validate_json
    asked = {"queries[]": json.dumps({"method": "limit", "values": [100]}), "total": "0"}
    with (
        stub_server(body) as endpoint,
        InteractionsClient(endpoint, "p", api_key="k", settings=SETTINGS) as crm,
        httpx.Client(headers={"X-Appwrite-Project": "p", "X-Appwrite-Key": "k"}) as bare,
    ):
        repo = crm.as_admin("root")
        official = TablesDB(Client().set_endpoint(endpoint).set_project("p").set_key("k"))

        def list_rows() -> Sequence[Any]:
            answer = official.list_rows("console-db", "customer_interactions", [Query.limit(100)])
            rows: Sequence[Any] = answer.rows
            return rows

        took = measured(
            {
                "ours": lambda: repo.find(limit=100),
                "baseline": lambda: read(bare.get(endpoint + ROWS, params=asked).content),
                "request": lambda: bare.get(endpoint + ROWS, params=asked).content,
                "models": lambda: read(body),
                "json": lambda: from_json(body),
                "official": list_rows,
                "the same models": lambda: [to_interaction(each) for each in list_rows()],
            }
        )
    return [
        Figure(
            "a page of 100 rows, compared with the baseline",
            took.ratio("ours", "baseline"),
            at_most=1.3,
        ),
        Figure("- the same in CPU time", took.ratio("ours", "baseline", cpu=True), at_most=1.3),
        Figure(
            "the official `list_rows`, compared with this library",
            took.ratio("official", "ours"),
        ),
        Figure("- the same in CPU time", took.ratio("official", "ours", cpu=True)),
        Figure(
            "the official `list_rows` with the same models, compared with this library",
            took.ratio("the same models", "ours"),
            at_least=4,
        ),
        Figure(
            "the official `list_rows`, compared with the baseline",
            took.ratio("official", "baseline"),
        ),
        Figure("the page", took.microseconds("ours", cpu=True), "us"),
        Figure("the baseline", took.microseconds("baseline", cpu=True), "us"),
        Figure("- httpx's request in it", took.microseconds("request", cpu=True), "us"),
        Figure("- the models in it", took.microseconds("models", cpu=True), "us"),
        Figure("- reading their JSON alone", took.microseconds("json", cpu=True), "us"),
    ]


def single() -> list[Figure]:
    """Measure reading one row, which this library reads as a list of one; see `find_row`."""
    read = RowList[CustomerInteraction].__pydantic_validator__.validate_json
    row_id = str(row(0)["$id"])
    with (
        stub_server(a_list(1)) as endpoint,
        stub_server(json.dumps(row(0)).encode()) as official_endpoint,
        InteractionsClient(endpoint, "p", api_key="k", settings=SETTINGS) as crm,
        httpx.Client(headers={"X-Appwrite-Project": "p", "X-Appwrite-Key": "k"}) as bare,
    ):
        repo = crm.as_admin("root")
        official = TablesDB(Client().set_endpoint(official_endpoint).set_project("p").set_key("k"))
        took = measured(
            {
                "ours": lambda: repo.get(row_id),
                "baseline": lambda: read(bare.get(endpoint + ROWS, params=one_row(row_id)).content),
                "official": lambda: official.get_row("console-db", "customer_interactions", row_id),
            }
        )
    return [
        Figure("one row, compared with the baseline", took.ratio("ours", "baseline"), at_most=1.15),
        Figure("- the same in CPU time", took.ratio("ours", "baseline", cpu=True), at_most=1.15),
        Figure(
            "the official `get_row`, compared with this library", took.ratio("official", "ours")
        ),
    ]


def section() -> Section:
    """Run both benchmarks."""
    return Section(
        "Reading",
        "From a server on loopback that returns the same bytes to every client. The baseline is a "
        "pooled `httpx.Client` and pydantic's `validate_json` with the same models, without "
        "retries, checks or errors. One row is read as a list of one, which the baseline does as "
        "well. This library is faster than the baseline because it uses "
        "httpx's transport directly; httpx's client merges URLs, headers and cookies for each "
        "request. The rest of the time is httpcore's request and pydantic's models. The official "
        "`list_rows` returns a dictionary for each row; the fifth row of the table also builds "
        "the same models from these. The sixth row, the official package compared with the "
        "baseline, is the most that any client could gain.",
        [*page(), *single()],
    )
