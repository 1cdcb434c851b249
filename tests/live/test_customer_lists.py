"""Lists of customers and the audit log over HTTP, on an embedded or a real server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from interactions_sdk import BadRequestError, CustomerColumns, InteractionsClient, Outcome, Settings
from interactions_sdk.customer_filters import CustomerSort

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.conftest import Server

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NAMES = ["Ada", "ada", "Émile", "emil", "C:\\temp", "50% off", "50 off", None, None, "Zoë", "Ada"]


@pytest.fixture(scope="module")
def people(crm: InteractionsClient) -> Iterator[InteractionsClient]:
    """Return a client of a database with some customers."""
    for number, name in enumerate(NAMES):
        crm.customers.create(
            f"u{number}",
            name=name,
            email=f"u{number}@example.org",
            lastContactAt=NOON - timedelta(days=number % 3) if number % 4 else None,
            nextFollowUpAt=NOON + timedelta(days=number % 2) if number > 5 else None,
        )
    yield crm
    for customer in crm.customers.iterate():
        crm.as_admin("root").erase_customer(customer.id)


@pytest.mark.parametrize("order_by", get_args(CustomerSort))
@pytest.mark.parametrize("descending", [False, True])
def test_every_customer_comes_once(
    people: InteractionsClient, order_by: CustomerSort, *, descending: bool
) -> None:
    """Pages of any size have the same order, with missing values last."""
    arguments = {"order_by": order_by, "descending": descending}
    all_of_them = list(people.customers.iterate(**arguments))  # type: ignore[arg-type]
    assert {f"u{number}" for number in range(len(NAMES))} == {c.user_id for c in all_of_them}
    assert len(NAMES) == len(all_of_them)
    for limit in (1, 4, 5, len(NAMES)):
        found = list(people.customers.find(limit=limit, **arguments))  # type: ignore[arg-type]
        assert all_of_them == found
    if order_by in {"last_contact", "next_follow_up"}:
        times = [getattr(customer, f"{order_by}_at") for customer in all_of_them]
        dated = [time for time in times if time is not None]
        assert sorted(dated, reverse=descending) == dated == times[: len(dated)]
    if order_by == "name":
        assert [None, None] == [customer.name for customer in all_of_them[-2:]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ADA", {"Ada", "ada"}),
        ("C:\\", {"C:\\temp"}),
        ("\\", {"C:\\temp"}),
        ("50%", {"50% off"}),
        ("_", set()),
    ],
)
def test_a_text_is_found_exactly(people: InteractionsClient, text: str, expected: set[str]) -> None:
    """Wildcards and backslashes are literal in filters and searches."""
    assert expected == {customer.name for customer in people.customers.find(text=text)}
    assert expected == {customer.name for customer in people.customers.search(text)}
    in_order = people.customers.find(text=text, order_by="name", limit=1)
    assert expected == {customer.name for customer in in_order}


def test_dates_are_filtered(people: InteractionsClient) -> None:
    """`no_contact_since` includes customers without any contact."""
    quiet = people.customers.find(no_contact_since=NOON - timedelta(hours=36), limit=3)
    assert {0, 2, 4, 5, 8} == {int(customer.user_id[1:]) for customer in quiet}
    due = people.customers.find(
        follow_up_before=NOON + timedelta(hours=1), order_by="next_follow_up"
    )
    assert [6, 8, 10] == [int(customer.user_id[1:]) for customer in due]
    assert 5 == people.customers.count(no_contact_since=NOON - timedelta(hours=36))


def test_a_column_that_is_not_there_is_done_without(
    people: InteractionsClient, server: Server
) -> None:
    """If the server rejects the query, a row shows which columns exist."""
    settings = people.settings.model_copy(
        update={"customer_columns": CustomerColumns(name="nickname")}
    )
    with InteractionsClient(
        server.endpoint, server.project, api_key=server.key, settings=settings
    ) as crm:
        assert ["u9"] == [customer.user_id for customer in crm.customers.search("u9@example")]
        with pytest.raises(BadRequestError, match="has no column `nickname`"):
            crm.customers.find(order_by="name")
        assert isinstance(settings, Settings)


def test_a_history_is_read_as_it_was_written(people: InteractionsClient) -> None:
    """Values have their types, and an erasure removes the texts."""
    customer = people.customers.ensure("historian")
    admin, repo = people.as_admin("root"), people.as_user("historian")
    call = repo.log_call("secret Ünïcödé 😀")
    repo.update(call.id, subject='new "secret"', outcome="busy", description="d" * 5000)
    admin.update(call.id, outcome="resolved", description='"\\' * 2500)
    first, second, third = repo.history(call.id)
    assert ["interaction.created", "interaction.updated", "interaction.updated"] == [
        first.action,
        second.action,
        third.action,
    ]
    subject = next(change for change in second.changes if change.field == "subject")
    assert ("secret Ünïcödé 😀", 'new "secret"') == (subject.before, subject.after)
    outcome = next(change for change in third.changes if change.field == "outcome")
    assert (Outcome.BUSY, Outcome.RESOLVED) == (outcome.before, outcome.after)
    assert ["root"] == [entry.user_id for entry in people.audit.find(actor="root", entity=call.id)]
    repo.delete(call.id)
    admin.erase_customer(customer.id)
    log = list(people.audit.iterate(entity=call.id))
    assert 4 == len(log)
    assert not [entry for entry in log if "secret" in str(entry.details)]
