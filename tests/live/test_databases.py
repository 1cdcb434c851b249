"""Differences between the databases that Appwrite supports, all of which the library must handle.

Each run shows the properties of the server in use; see the page "Supporting a new Appwrite
version", section "Databases other than MariaDB".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk import InteractionsClient
    from tests.live.conftest import Server


TEXTS = ["C:\\temp", "C:temp", "c:\\TEMP", "100%", "100 percent", "é", "E", "B", "a", "x\\", ""]


@pytest.fixture(scope="module")
def texts(crm: InteractionsClient) -> str:
    """Return a user with one interaction for each text."""
    user_id = "texts"
    crm.customers.ensure(user_id)
    for text in TEXTS:
        crm.as_user(user_id).log_call(text)
    return user_id


@pytest.fixture(scope="module")
def ask(server: Server, crm: InteractionsClient) -> Callable[..., httpx.Response]:
    """Return a function that lists interactions with given queries."""
    settings = crm.settings
    path = f"/tablesdb/{settings.database_id}/tables/{settings.interactions_table}/rows"

    def send(*queries: dict[str, object]) -> httpx.Response:
        return httpx.get(
            f"{server.endpoint}{path}",
            params={f"queries[{place}]": json.dumps(each) for place, each in enumerate(queries)},
            headers={"X-Appwrite-Project": server.project, "X-Appwrite-Key": server.key},
            timeout=30,
        )

    return send


def equal(attribute: str, value: str) -> dict[str, object]:
    """Return a query."""
    return {"method": "equal", "attribute": attribute, "values": [value]}


def subjects(answer: httpx.Response) -> list[str]:
    """Return the subjects of the listed interactions, in order."""
    answer.raise_for_status()
    return [row["subject"] for row in answer.json()["rows"]]


def test_the_server_s_database_is_described(
    texts: str,
    ask: Callable[..., httpx.Response],
    record_property: Callable[[str, object], None],
    database_properties: dict[str, str],
) -> None:
    """Each property is one of those listed on the page."""
    assert texts
    by_subject = {"method": "orderAsc", "attribute": "subject"}
    of_dates = {"method": "startsWith", "attribute": "nextActionDate", "values": ["2026"]}
    first = ask({"method": "limit", "values": [1]}).json()["rows"][0]
    found = subjects(ask(equal("subject", "e")))
    ordered = [each for each in subjects(ask(by_subject)) if each in {"a", "B"}]
    properties = {
        "equal": "ignores case and accents" if found else "exact",
        "text in order": "ignores case" if ordered == ["a", "B"] else "by code point",
        "startsWith on a time": str(ask(of_dates).status_code),
        "$sequence": type(first["$sequence"]).__name__,
    }
    for name, value in properties.items():
        record_property(name, value)
    database_properties.update(properties)

    assert found in ([], ["é", "E"], ["E", "é"])
    assert {"a", "B"} == set(ordered)
    assert properties["startsWith on a time"] in {"200", "500"}


@pytest.mark.parametrize("text", [each for each in TEXTS if each])
def test_a_text_is_found_as_it_is_written(crm: InteractionsClient, texts: str, text: str) -> None:
    """Backslashes, percent signs and accents are matched literally."""
    found = {each.subject for each in crm.as_user(texts).find(text=text, limit=100).items}

    assert text in found
    plain = text.lower().replace("é", "e")  # some databases ignore accents
    assert all(plain in str(each).lower().replace("é", "e") for each in found)


def test_follow_ups_without_a_date_are_in_no_list_of_due_ones(
    crm: InteractionsClient, user: str
) -> None:
    """Databases sort nulls first or last."""
    repo = crm.as_user(user)
    repo.log_call("Nothing planned")
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    later = repo.log_call("Later", next_action_date=due + timedelta(days=1))
    sooner = repo.log_call("Sooner", next_action_date=due)

    upcoming = [each.id for each in repo.follow_ups.upcoming(timedelta(days=7))]
    assert [sooner.id, later.id] == upcoming


def test_a_cursor_goes_on_within_one_time(crm: InteractionsClient, user: str) -> None:
    """Rows with the same `$createdAt` are read once each, whatever their sequence looks like."""
    when = datetime(2024, 5, 1, tzinfo=UTC)
    repo = crm.as_user(user)
    made = {repo.log_call(f"Call {number}", occurred_at=when).id for number in range(7)}
    read: list[str] = []
    cursor: str | None = None
    while True:
        page = repo.find(limit=2, after=cursor)
        read += [each.id for each in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert len(made) == len(read)
    assert made == set(read)
