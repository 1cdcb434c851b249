"""`interactions customers`, and customers' names in lists."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk.cli.customers import Sort

if TYPE_CHECKING:
    from interactions_sdk import InteractionsClient
    from tests.cli.conftest import Run

SOON = datetime.now(UTC) + timedelta(days=2)


@pytest.fixture
def people(crm: InteractionsClient) -> dict[str, str]:
    """Return the IDs of three customers by user; Ada was called, and Bob has a follow-up."""
    ada = crm.customers.get_by_user_id("ada")
    crm.customers.update(ada.id, name="Ada Lovelace", email="ada@example.org")
    bob = crm.customers.create("bob", name="Bob", phone="+1 2")
    eve = crm.customers.create("eve")
    crm.as_user("bob").log_call("Offer", next_action_date=SOON)
    crm.as_user("ada").log_call("Renewal")
    return {"ada": ada.id, "bob": bob.id, "eve": eve.id}


def users(said: str) -> list[str]:
    """Return the users of customers printed as JSON."""
    return [each["user_id"] for each in json.loads(said)]


@pytest.mark.usefixtures("file")
def test_no_customers_is_where_one_begins(run: Run) -> None:
    """Without customers, the command that creates one is suggested, and JSON is an empty list."""
    assert "interactions customers create USER" in run("customers")
    assert "No customers match." in run("customers", "--text", "x")
    assert "interactions customers list" in run("customers", "search", "x")
    assert [] == users(run("customers", "--json"))


@pytest.mark.parametrize("width", [40, 80, 200])
def test_customers_are_listed(
    run: Run, people: dict[str, str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """A table or records show complete IDs, names and dates."""
    monkeypatch.setenv("COLUMNS", str(width))
    said = run("customers", "list")
    for text in ("Ada Lovelace", "ada@example.org", "Bob", "+1 2", "eve", f"{SOON:%d %b %Y}"):
        assert text in said
    for id in people.values():
        assert id in said


def test_columns_without_values_are_left_out(run: Run, crm: InteractionsClient) -> None:
    """Columns without values are omitted, and a customer without a name is shown by user ID."""
    said = run("customers")
    assert "Phone" not in said
    assert crm.customers.get_by_user_id("ada").id in said
    assert "Last contact" not in run("customers", "show", "--user", "ada")


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), ["eve", "bob", "ada"]),
        (("--reverse",), ["ada", "bob", "eve"]),
        (("--sort", "name"), ["ada", "bob", "eve"]),
        (("--sort", "name", "--reverse"), ["bob", "ada", "eve"]),
        (("--sort", "last_contact"), ["ada", "bob", "eve"]),
        (("--sort", "next_follow_up", "--limit", "1"), ["bob"]),
        (("--text", "lovelace"), ["ada"]),
        (("--no-contact-since", "1d ago"), ["eve"]),
        (("--follow-up-before", "in 7d"), ["bob"]),
    ],
)
def test_customers_are_sorted_and_filtered(
    run: Run, options: tuple[str, ...], expected: list[str]
) -> None:
    """Customers without a value come last."""
    assert expected == users(run("customers", "list", *options, "--json"))


@pytest.mark.usefixtures("people")
def test_customers_are_searched(run: Run) -> None:
    """All words must be found in the customer's texts; a truncated list suggests `--limit`."""
    assert ["ada"] == users(run("customers", "search", "EXAMPLE ada", "--json"))
    assert ["bob"] == users(run("customers", "search", "bob", "--sort", Sort.NAME, "--json"))
    assert "raise --limit" in run("customers", "--limit", "2")
    assert ["eve", "bob"] == users(run("customers", "--limit", "2", "--json"))


def test_a_customer_is_shown(run: Run, people: dict[str, str]) -> None:
    """A customer can be shown by ID or user, and the timeline command is suggested."""
    said = run("customers", "show", people["ada"])
    assert said == run("customers", "show", "--user", "ada")
    assert "Email         ada@example.org" in said
    assert said.endswith("interactions timeline ada\n")
    assert "ada" == json.loads(run("customers", "show", people["ada"], "--json"))["user_id"]
    assert "user is shown with --user ID." in run("customers", "show", "ada", code=1)
    assert "Customer record not found." in run("customers", "show", "--user", "nosuch", code=1)
    for wrong in ((), (people["ada"], "--user", "ada")):
        assert "either a customer's ID or --user ID" in run("customers", "show", *wrong, code=2)


def test_customers_are_created(run: Run, crm: InteractionsClient) -> None:
    """A customer is created with all columns, and only once for each user."""
    created = json.loads(
        run(
            *("customers", "create", "bob", "--name", "Bob", "--email", "bob@example.org"),
            *("--phone", "+1 2", "--id", "c1", "--json"),
        )
    )
    bob = crm.customers.get("c1")
    assert ("bob", "Bob", "bob@example.org", "+1 2") == (
        bob.user_id,
        bob.name,
        bob.email,
        bob.phone,
    )
    assert bob.model_dump(mode="json") == created
    assert "Bob" in run("customers", "create", "eve", "--name", "Bob's sister")
    said = " ".join(run("customers", "create", "bob", code=1).split())
    assert "`interactions customers show --user` shows it." in said


def test_columns_of_one_s_own_are_set_shown_and_cleared(run: Run, crm: InteractionsClient) -> None:
    """`=` sets text, and `:=` sets other values."""
    table = "/tablesdb/console-db/tables/customers/columns"
    crm.appwrite.call(
        "post", f"{table}/string", params={"key": "tier", "size": 20, "required": False}
    )
    crm.appwrite.call("post", f"{table}/integer", params={"key": "seats", "required": False})
    ada = crm.customers.get_by_user_id("ada").id

    said = run(
        *("customers", "update", ada, "--name", "Ada", "--set", "tier=a=b", "--set", "seats:=7")
    )
    assert ["tier", "a=b"] in [line.split() for line in said.splitlines()]
    assert ["seats", "7"] in [line.split() for line in said.splitlines()]
    [row] = csv.DictReader(io.StringIO(run("customers", "--csv")))
    assert ("Ada", "a=b", "7") == (row["name"], row["tier"], row["seats"])
    assert row == next(csv.DictReader(io.StringIO(run("customers", "show", ada, "--csv"))))

    run("customers", "update", ada, "--clear", "tier", "--clear", "name")
    assert (None, None, 7) == (
        crm.customers.get(ada).name,
        (crm.customers.get(ada).model_extra or {})["tier"],
        (crm.customers.get(ada).model_extra or {})["seats"],
    )


@pytest.mark.usefixtures("crm")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("create", "bob", "--set", "tier"),
            "--set must be COLUMN=TEXT or COLUMN:=JSON, not 'tier'",
        ),
        (("create", "bob", "--set", "=x"), "--set must be COLUMN=TEXT"),
        (("create", "bob", "--set", ":=7"), "--set must be COLUMN=TEXT"),
        (("create", "bob", "--set", "seats:=x"), "is not JSON after ':='"),
        (("create", "bob", "--set", "nosuch=x"), "--set COLUMN=TEXT"),
        (("create", "a b"), "'a b' is not a valid user id"),
        (("update", "c1"), "Nothing to change. Pass an option, e.g. --name"),
        (("list", "--sort", "size"), "'--sort'"),
        (("list", "--no-contact-since", "soon"), "Invalid date or time 'soon'."),
    ],
)
def test_a_wrong_use_is_answered_in_words(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    """The message names the option and the correct use."""
    said = run("customers", *arguments, code=2)
    assert message in " ".join(said.replace("│", " ").split())


def test_admins_see_names(run: Run, people: dict[str, str], crm: InteractionsClient) -> None:
    """Lists of interactions show the customers' names and IDs to admins."""
    [task] = crm.as_user("bob").iterate()
    shown = f"Bob {people['bob']}"
    root = ("--admin", "root")
    assert shown in run("timeline", *root)
    assert shown in run("follow-ups", *root, "--when", "upcoming")
    assert shown in run("watch", *root, "--since", "1h ago", "--limit", "1")
    assert f"Bob ({people['bob']})" in run("show", task.id, *root)
    assert shown in run("update", task.id, *root, "--outcome", "busy")
    assert shown in run("log", "call", "Hi", *root, "--customer", people["bob"])
    assert "Bob" not in run("timeline", "bob")
