"""The list of customers: searching, sorting, creating and updating."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from interactions_sdk import AsyncInteractionsClient, CustomerColumns, Settings
from interactions_sdk.desk import Admin, desk
from interactions_sdk.embedded import EmbeddedAppwrite
from tests.desk.pages import Surfer

if TYPE_CHECKING:
    from tests.desk.conftest import Office
    from tests.desk.pages import Page

pytestmark = pytest.mark.anyio


async def _name(office: Office) -> None:
    await office.crm.customers.update(office.ada.id, name="Ada Lovelace", email="ada@example.org")
    await office.crm.customers.update(office.bob.id, name="Bob Dylan", phone="+1 555")


def _listed(page: Page) -> list[str]:
    return [name for name in page.links if name in {"Ada Lovelace", "Bob Dylan"}]


async def test_customers_are_found_by_a_word(office: Office, root: Surfer) -> None:
    """The search covers name, email address, phone number and user ID."""
    await _name(office)
    page = await root.open("/customers")
    assert {"Ada Lovelace", "Bob Dylan"} == set(_listed(page))
    assert "ada@example.org" in page.text
    form = next(form for form in page.forms if "q" in form.fields)

    for text, found in [("lovelace", ["Ada Lovelace"]), ("555", ["Bob Dylan"]), ("zoe", [])]:
        page = await root.send(page, form, q=text)
        assert found == _listed(page), text
    assert "No customer matches." in page.text
    page = await root.send(page, form, q="ada@")
    assert 200 == (await root.open(page.links["Ada Lovelace"])).status


async def test_customers_are_sorted_and_narrowed_down(office: Office, root: Surfer) -> None:
    """The list can be sorted by last contact, next follow-up or name, and filtered."""
    await _name(office)
    now = datetime.now(UTC)
    await office.repo.log_call(
        "Old", customer_id=office.ada.id, occurred_at=now - timedelta(days=40)
    )
    await office.repo.log_task(
        "Due", customer_id=office.bob.id, next_action_date=now + timedelta(minutes=1)
    )

    assert ["Bob Dylan", "Ada Lovelace"] == _listed(await root.open("/customers"))
    assert ["Ada Lovelace", "Bob Dylan"] == _listed(await root.open("/customers?sort=name"))
    by_follow_up = await root.open("/customers?sort=follow-up")
    assert ["Bob Dylan", "Ada Lovelace"] == _listed(by_follow_up)
    assert "Next follow-up" in by_follow_up.text
    assert ["Bob Dylan"] == _listed(await root.open("/customers?only=due"))
    assert ["Ada Lovelace"] == _listed(await root.open("/customers?only=quiet-30"))
    assert [] == _listed(await root.open("/customers?only=quiet-90"))


async def test_a_long_list_has_more_pages(office: Office, root: Surfer) -> None:
    """The link to the next page keeps the order."""
    for number in range(50):
        await office.crm.customers.create(f"u{number}", name=f"Number {number:02}.")
    page = await root.open("/customers?sort=name")
    first = {name for name in page.links if name.startswith("Number")}

    page = await root.open(page.links["More"])

    rest = {name for name in page.links if name.startswith("Number")}
    assert (50, set()) == (len(first | rest), first & rest)
    assert "More" not in page.links


async def test_a_customer_is_added(office: Office, root: Surfer) -> None:
    """A new customer's page is opened."""
    page = await root.open("/customers")
    form = page.form("/customers")
    form = next(form for form in page.forms if "user_id" in form.fields)

    page = await root.send(page, form, user_id="zoe", name="Zoë", email="zoe@example.org")

    assert (200, True) == (page.status, "The customer is created." in page.text)
    zoe = await office.crm.customers.get_by_user_id("zoe")
    assert ("Zoë", "zoe@example.org", None) == (zoe.name, zoe.email, zoe.phone)


@pytest.mark.parametrize(
    ("user_id", "error"), [("ada", "already has a customer record"), ("a b", "user id"), ("", "id")]
)
async def test_a_customer_that_cannot_be_added_is_not(
    root: Surfer, user_id: str, error: str
) -> None:
    """The error is shown next to the field, and the form keeps its values."""
    page = await root.open("/customers")
    form = next(form for form in page.forms if "user_id" in form.fields)

    page = await root.send(page, form, user_id=user_id, name="Zoë")

    assert (422, True) == (page.status, error in page.text)
    form = next(form for form in page.forms if "user_id" in form.fields)
    assert (user_id, "Zoë") == (form.fields["user_id"], form.fields["name"])


async def test_a_customer_is_changed(office: Office, root: Surfer) -> None:
    """An empty field is cleared, and the table's errors are shown next to the field."""
    await _name(office)
    page = await root.open(f"/customers/{office.ada.id}")
    form = next(form for form in page.forms if "email" in form.fields)

    page = await root.send(page, form, name="Ada King", email="")
    assert "The customer is changed." in page.text
    ada = await office.crm.customers.get(office.ada.id)
    assert ("Ada King", None) == (ada.name, ada.email)
    await root.send(page, form, name="Ada King", email="")
    assert ada == await office.crm.customers.get(office.ada.id)

    page = await root.send(page, form, name="x" * 300)
    assert 422 == page.status
    form = next(form for form in page.forms if "email" in form.fields)
    assert "x" * 300 == form.fields["name"]


async def test_names_stand_wherever_a_customer_is_shown(office: Office, root: Surfer) -> None:
    """Customers' names are shown in lists of follow-ups and on entries."""
    await _name(office)
    due = datetime.now(UTC) + timedelta(minutes=1)
    task = await office.repo.log_task("Offer", customer_id=office.ada.id, next_action_date=due)

    assert "Ada Lovelace" in (await root.open("/")).links
    assert "Ada Lovelace" in (await root.open(f"/interactions/{task.id}")).links


async def test_users_have_no_list(office: Office, user: Surfer) -> None:
    """For users, the list does not exist, nor for admins without the role in Appwrite."""
    page = await user.open(f"/customers/{office.ada.id}")
    token = page.form("/interactions").fields["csrf"]

    assert 404 == (await user.open("/customers")).status
    for path in ("/customers", f"/customers/{office.ada.id}"):
        data = {"csrf": token, "user_id": "zoe", "name": "x"}
        assert 404 == (await user.http.post(path, data=data)).status_code
    with EmbeddedAppwrite() as server:
        async with AsyncInteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            transport=server.transport,
        ) as crm:
            await crm.schema.apply()
            eve = Surfer(desk(crm, identify=lambda _: Admin("eve")))
            assert 404 == (await eve.open("/customers")).status


async def test_a_table_without_such_columns_has_no_fields_for_them() -> None:
    """The forms contain only the columns in the settings."""
    settings = Settings(customer_columns=CustomerColumns(name=None, phone=None))
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        surfer = Surfer(desk(crm, identify=lambda _: Admin("root")))
        page = await surfer.open("/customers")
        form = next(form for form in page.forms if "user_id" in form.fields)
        assert {"csrf", "user_id", "email"} == set(form.fields)
        assert "No customers yet." in page.text
        page = await surfer.send(page, form, user_id="ada", email="ada@example.org")
        assert "The customer is created." in page.text
