# Generated from tests/_async/test_reader.py by scripts/unasync.py; do not edit.
"""Filters of `find()`, alone and combined."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import (
    BadRequestError,
    InteractionRepository,
    InteractionsClient,
    Outcome,
    wire,
)
from interactions_sdk.datetimes import format_datetime

if TYPE_CHECKING:
    from interactions_sdk import InteractionFilters


NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def write(crm: InteractionsClient, row_id: str, **columns: object) -> None:
    """Write a row as another program would."""
    row = {
        "customerId": "c1",
        "interactionType": "call",
        "userId": "ada",
        "direction": "outbound",
        **columns,
    }
    crm._connection.send(wire.create_row(crm._services.project.tables.interactions, row_id, row))


def found(admin: InteractionRepository, **filters: object) -> set[str]:
    """Return the IDs that `find()`, `iterate()` and `count()` agree on."""
    asked: InteractionFilters = filters  # type: ignore[assignment]
    ids = {interaction.id for interaction in (admin.find(**asked)).items}
    assert ids == {interaction.id for interaction in admin.iterate(**asked)}
    assert len(ids) == admin.count(**asked)
    return ids


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "abcdef"),
        ({"customer_id": "c1"}, "abcd"),
        ({"customer_id": ["c1", "c2"]}, "abcdef"),
        ({"customer_id": ["c2", "c2"]}, "ef"),
        ({"customer_id": []}, ""),
        ({"interaction_type": "call"}, "a"),
        ({"interaction_type": ("call", "note")}, "abc"),
        ({"interaction_type": ["call", "note"], "customer_id": "c2"}, ""),
        ({"user_id": "bob"}, "b"),
        ({"contact_method": ["phone", "chat"]}, "ad"),
        ({"direction": "inbound"}, "d"),
        ({"outcome": Outcome.BUSY}, "a"),
        ({"outcome": ["busy", "no_answer"]}, "ae"),
        ({"related_entity": "invoice"}, "cf"),
        ({"related_entity": ("invoice", "I-1")}, "c"),
        ({"related_entity": ("invoice", "i-1")}, "f"),
        ({"related_entity": ("quote", "I-1")}, ""),
        ({"text": "offer"}, "bd"),
        ({"text": "zürich"}, "e"),
        ({"text": "%"}, "f"),
        ({"text": "offer", "direction": "inbound"}, "d"),
    ],
)
def test_each_filter_finds_what_it_says(
    crm: InteractionsClient,
    admin: InteractionRepository,
    filters: dict[str, object],
    expected: str,
) -> None:
    """Single values and sequences work, and filters are combined."""
    write(crm, "a", contactMethod="phone", outcome="busy")
    write(crm, "b", interactionType="note", userId="bob", description="The OFFER was sent")
    write(crm, "c", interactionType="note", relatedEntityType="invoice", relatedEntityId="I-1")
    write(
        crm,
        "d",
        interactionType="email",
        direction="inbound",
        contactMethod="chat",
        subject="Offer?",
    )
    write(
        crm, "e", interactionType="task", customerId="c2", outcome="no_answer", subject="In Zürich"
    )
    write(
        crm,
        "f",
        interactionType="task",
        customerId="c2",
        relatedEntityType="invoice",
        relatedEntityId="i-1",
        subject="100 % done",
    )

    assert set(expected) == found(admin, **filters)


def test_since_is_inclusive_and_until_exclusive(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """The start of a range is included, and its end is not."""
    for number in range(3):
        at = NOON + timedelta(hours=number)
        write(crm, f"h{number}", **{"$createdAt": format_datetime(at)})

    hour = timedelta(hours=1)
    assert {"h1", "h2"} == found(admin, since=NOON + hour)
    assert {"h0"} == found(admin, until=NOON + hour)
    assert {"h1"} == found(admin, since=NOON + hour, until=NOON + 2 * hour)
    assert set() == found(admin, since=NOON + hour, until=NOON + hour)


def test_ids_are_compared_to_the_letter(
    crm: InteractionsClient, admin: InteractionRepository
) -> None:
    """Case, accents and trailing spaces distinguish customers, users and entities."""
    for number, name in enumerate(["cafe", "CAFE", "café", "cafe "]):
        write(
            crm,
            f"r{number}",
            customerId=name,
            userId=name,
            relatedEntityType="invoice",
            relatedEntityId=name,
        )

    for number, name in enumerate(["cafe", "CAFE", "café", "cafe "]):
        assert {f"r{number}"} == found(admin, customer_id=name)
        assert {f"r{number}"} == found(admin, user_id=name)
        assert {f"r{number}"} == found(admin, related_entity=("invoice", name))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C:\\temp", {"one"}),
        ("C:temp", {"none"}),
        ("\\", {"one", "two", "end"}),
        ("x\\", {"end"}),
        ("\\\\", {"two"}),
    ],
)
def test_text_with_a_backslash(
    crm: InteractionsClient, admin: InteractionRepository, text: str, expected: set[str]
) -> None:
    """The text is found literally, though Appwrite treats a backslash as an escape character."""
    stored = {"one": "C:\\temp", "none": "C:temp", "two": "C:\\\\temp", "end": "x\\"}
    for row_id, subject in stored.items():
        write(crm, row_id, subject=subject)
    assert expected == found(admin, text=text)


def test_no_customers_are_none_for_a_user_too(crm: InteractionsClient) -> None:
    """An empty selection finds nothing, not the user's own customer."""
    crm.customers.ensure("ada")
    crm.as_user("ada").log_call("Intro")
    assert set() == found(crm.as_user("ada"), customer_id=[])


def test_filters_that_mean_nothing_are_refused(admin: InteractionRepository) -> None:
    """A misspelt filter or a naive time would find the wrong interactions."""
    with pytest.raises(BadRequestError, match="Did you mean 'interaction_type'"):
        admin.find(interaction_types="call")  # type: ignore[call-arg]
    with pytest.raises(BadRequestError, match="since needs a time zone"):
        admin.find(since=NOON.replace(tzinfo=None))
    with pytest.raises(BadRequestError, match="until needs a time zone"):
        admin.count(until=NOON.replace(tzinfo=None))
    with pytest.raises(BadRequestError, match="text must be"):
        admin.find(text="")


def test_a_loop_over_a_page_reads_those_that_follow(crm: InteractionsClient) -> None:
    """The next pages have the same filter, order and cache; the total is counted only once."""
    crm.customers.ensure("ada")
    ada = crm.as_user("ada")
    for number in range(7):
        ada.log_call(str(number), outcome="busy" if number % 2 else "voicemail")

    outcomes = (outcome for outcome in ["busy", "voicemail"])  # can be read only once
    page = ada.find(limit=3, newest_first=False, with_total=True, outcome=outcomes)  # type: ignore[arg-type]

    assert (3, 7) == (len(page), page.total)
    assert list("0123456") == [each.subject for each in page]
    assert list("135") == [each.subject for each in ada.find(outcome="busy", limit=1)][::-1]
    assert list("6543210") == [each.subject for each in ada.recent(limit=2)]
    for _ in range(2):  # the second time from the cache
        page = ada.find(limit=6, max_age=timedelta(hours=1))
        assert list("6543210") == [each.subject for each in page]
    assert (2, 2) == (crm.read_cache.hits, crm.read_cache.misses)


def test_what_follows_a_page_is_read_with_the_rights_of_then(
    crm: InteractionsClient,
) -> None:
    """A user who lost the customer after the first page does not get the second."""
    customer = crm.customers.ensure("ada")
    ada = crm.as_user("ada")
    for number in range(3):
        ada.log_call(str(number))
    page = ada.find(limit=2)

    crm.customers.reassign(customer.id, to="bob")

    with pytest.raises(BadRequestError, match="the user's customer record has changed since"):
        [each for each in page]
