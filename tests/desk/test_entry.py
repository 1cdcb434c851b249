"""An interaction's page: updating, deleting, files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk import (
    AsyncInteractionsClient,
    CustomerInteraction,
    InteractionMetadata,
    InteractionUpdate,
)
from interactions_sdk.desk import Admin, User, desk
from tests.desk.pages import Surfer

if TYPE_CHECKING:
    from tests.desk.conftest import Office
    from tests.desk.pages import Form, Page

pytestmark = pytest.mark.anyio


@pytest.fixture
async def call(office: Office) -> CustomerInteraction:
    """Return a logged call."""
    return await office.repo.log_call(
        "Renewal", customer_id=office.ada.id, description="\nFirst\nsecond", duration=12
    )


async def _edit(surfer: Surfer, call: CustomerInteraction) -> tuple[Page, Form]:
    page = await surfer.open(f"/interactions/{call.id}")
    return page, next(form for form in page.forms if "updated_at" in form.fields)


async def test_what_is_changed_is_saved_and_nothing_else(
    office: Office, root: Surfer, call: CustomerInteraction
) -> None:
    """An empty field is cleared, and line breaks and blanks of other fields are kept."""
    page, form = await _edit(root, call)

    page = await root.send(page, form, subject="Renewals", duration="", outcome="busy")

    assert (200, True) == (page.status, "Saved." in page.text)
    changed = await office.repo.get(call.id)
    assert ("Renewals", None, "busy") == (changed.subject, changed.duration, changed.outcome)
    assert call.description == changed.description
    assert call.contact_method == changed.contact_method


async def test_a_form_without_changes_changes_nothing(
    office: Office, root: Surfer, call: CustomerInteraction
) -> None:
    """Saving an unchanged form does not create a new version."""
    page, form = await _edit(root, call)

    page = await root.send(page, form)

    assert "Saved." in page.text
    assert call == await office.repo.get(call.id)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"duration": "long"}, "valid integer"),
        ({"next_action_date": "soon"}, "such as 2026-05-04 09:00"),
        ({"interaction_type": "note", "description": ""}, "needs a description"),
        ({"related_entity_type": "invoice"}, "together"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    office: Office, root: Surfer, call: CustomerInteraction, typed: dict[str, str], error: str
) -> None:
    """Nothing is saved, and the form keeps its values."""
    page, form = await _edit(root, call)

    page = await root.send(page, form, **typed)

    assert (422, True) == (page.status, error in page.text), page.text
    again = next(form for form in page.forms if "updated_at" in form.fields)
    assert typed.items() <= again.fields.items()
    assert call == await office.repo.get(call.id)
    page = await root.send(
        page,
        again,
        duration="13",
        next_action_date="",
        interaction_type="call",
        description="x",
        related_entity_type="",
    )
    assert "Saved." in page.text


async def test_a_lost_update_shows_both_versions(
    office: Office, root: Surfer, call: CustomerInteraction
) -> None:
    """Fields that only the other person changed are kept; for others, the user chooses."""
    page, form = await _edit(root, call)
    theirs = InteractionUpdate(subject="Theirs", outcome="busy", duration=20)
    await office.repo.update(call.id, theirs)

    page = await root.send(page, form, subject="Mine", duration="30")

    assert (409, True) == (page.status, "Someone else has changed this entry" in page.text)
    assert "Theirs: Theirs" in page.text
    assert "Theirs: 20" in page.text
    assert "Theirs" == (await office.repo.get(call.id)).subject
    form = next(form for form in page.forms if "updated_at" in form.fields)
    assert ("Mine", "30", "busy") == (
        form.fields["subject"],
        form.fields["duration"],
        form.fields["outcome"],
    )
    assert ("mine", "mine") == (form.fields["take.subject"], form.fields["take.duration"])

    page = await root.send(page, form, take__duration="stored")

    assert "Saved." in page.text
    chosen = await office.repo.get(call.id)
    assert ("Mine", 20, "busy") == (chosen.subject, chosen.duration, chosen.outcome)


async def test_two_who_save_at_the_same_time(
    office: Office, root: Surfer, call: CustomerInteraction, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A concurrent change may be written between the form's check and its write."""
    page, form = await _edit(root, call)
    repository = type(office.repo)
    update: Any = repository.update

    async def late(self: Any, *args: Any, **options: Any) -> Any:
        monkeypatch.undo()
        await office.repo.update(call.id, InteractionUpdate(subject="Theirs"))
        return await update(self, *args, **options)

    monkeypatch.setattr(repository, "update", late)
    page = await root.send(page, form, subject="Mine")

    assert (409, True) == (page.status, "Theirs: Theirs" in page.text)


async def test_an_entry_that_was_deleted_meanwhile_is_not_there(
    office: Office, root: Surfer, call: CustomerInteraction
) -> None:
    """The page of an entry that was deleted in the meantime is a 404."""
    page, form = await _edit(root, call)
    await office.repo.delete(call.id)

    assert 404 == (await root.send(page, form, subject="Mine")).status


async def test_an_entry_is_deleted(office: Office, root: Surfer, call: CustomerInteraction) -> None:
    """After deleting, the customer's page is opened."""
    page = await root.open(f"/interactions/{call.id}")

    page = await root.send(page, page.form("/delete"))

    assert "Deleted." in page.text
    assert f"/customers/{office.ada.id}" == page.url.path
    assert 0 == await office.repo.count()


async def test_users_cannot_touch_the_entries_of_others(
    office: Office, root: Surfer, call: CustomerInteraction
) -> None:
    """For users, pages and forms of other customers' entries are a 404."""
    bob = office.surfer(User("bob"))
    await root.open("/")
    own = await office.crm.as_user("bob").log_call("Own")
    page = await bob.open(f"/interactions/{own.id}")
    assert 200 == page.status
    assert 404 == (await bob.open(f"/interactions/{call.id}")).status

    forms = [form for form in page.forms if own.id in form.action]
    assert {"", "attachments", "delete"} <= {
        form.action.partition(own.id)[2].strip("/") for form in forms
    }
    for form in forms:
        form.action = form.action.replace(own.id, call.id)
        file = ("x.txt", b"x") if form.file else None
        assert 404 == (await bob.send(page, form, file=file)).status, form.action
    assert call == await office.repo.get(call.id)


async def test_a_file_goes_up_comes_down_and_goes_away(
    root: Surfer, call: CustomerInteraction
) -> None:
    """A file can be attached, downloaded and deleted; browsers never display it."""
    page = await root.open(f"/interactions/{call.id}")
    form = page.form("/attachments")

    page = await root.send(page, form, file=("é<b>.html", b"<script>alert(1)</script>"))

    assert "The file is attached." in page.text
    file = await root.open(page.links["é<b>.html"])
    assert "<script>alert(1)</script>" == file.html
    assert "attachment; filename*=UTF-8''%C3%A9%3Cb%3E.html" == file.headers["content-disposition"]
    assert "application/octet-stream" == file.headers["content-type"]
    assert "nosniff" == file.headers["x-content-type-options"]
    assert "sandbox" in file.headers["content-security-policy"]
    detach = page.form("/detach")
    assert 404 == (await root.send(page, detach, link="https://another.example")).status
    page = await root.send(page, detach)
    assert "The file is removed." in page.text
    assert "é<b>.html" not in page.links
    assert 404 == (await root.send(page, detach)).status
    assert 404 == (await root.open(f"/interactions/{call.id}/attachments/0")).status


async def test_a_link_to_another_place_is_a_link(
    office: Office, root: Surfer, call: CustomerInteraction
) -> None:
    """Other web addresses are shown as links, and everything else as text."""
    links = ["https://erp.example/1", "javascript:alert(1)"]
    metadata = InteractionMetadata(attachments=links)
    await office.repo.update(call.id, InteractionUpdate(metadata=metadata))

    page = await root.open(f"/interactions/{call.id}")

    assert "https://erp.example/1" == page.links["https://erp.example/1"]
    assert "javascript:alert(1)" not in page.links
    assert "javascript:alert(1)" in page.text
    assert 404 == (await root.open(f"/interactions/{call.id}/attachments/0")).status


async def test_no_file_is_an_error(root: Surfer, call: CustomerInteraction) -> None:
    """Submitting the form without a file is an error."""
    page = await root.open(f"/interactions/{call.id}")

    page = await root.send(page, page.form("/attachments"), file=("", b""))

    assert (400, True) == (page.status, "Choose a file first." in page.text)


async def test_without_a_bucket_there_is_no_form_for_files() -> None:
    """Without a bucket, the page explains how to configure one."""
    async with AsyncInteractionsClient.embedded() as crm:
        customer = await crm.customers.ensure("ada")
        note = await crm.as_admin("root").log_note(
            "x", customer_id=customer.id, metadata=InteractionMetadata(attachments=["https://x"])
        )
        surfer = Surfer(desk(crm, identify=lambda _: Admin("root")))
        page = await surfer.open(f"/interactions/{note.id}")
        assert "https://x" == page.links["https://x"]
        assert not any(form.action.endswith("/attachments") for form in page.forms)
        bare = await crm.as_admin("root").log_call("x", customer_id=customer.id)
        page = await surfer.open(f"/interactions/{bare.id}")
        assert "Files need a bucket" in page.text
