# Generated from tests/_async/test_attachments.py by scripts/unasync.py; do not edit.
"""Attachments: file and link stay consistent whatever fails, and only the owner reaches them."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk import (
    APITimeoutError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    CustomerInteraction,
    InteractionMetadata,
    InteractionRepository,
    InteractionsClient,
    InteractionsError,
    InteractionUpdate,
    NotFoundError,
    OwnershipError,
    RetryPolicy,
    SchemaError,
    ServerError,
    Settings,
    wire,
)
from interactions_sdk._sync.connection.connection import Connection
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.wire import storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Literal

    from interactions_sdk.embedded import EmbeddedAppwrite


SETTINGS = Settings(
    verify_users=False,
    attachments_bucket="attachments",
    attachments_max_bytes=1000,
    attachments_allowed_extensions=("txt", "pdf"),
)


def client(
    server: EmbeddedAppwrite,
    settings: Settings = SETTINGS,
    transport: FaultyTransport | None = None,
) -> InteractionsClient:
    """Return a client that does not retry requests."""
    return InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=transport or server.transport,
        retry=RetryPolicy(retries=0),
    )


@pytest.fixture
def server() -> Iterator[EmbeddedAppwrite]:
    """Return a server that has the bucket."""
    started = start_embedded_server(":memory:", SETTINGS)
    yield started
    started.close()


@pytest.fixture
def shop(server: EmbeddedAppwrite) -> Iterator[InteractionsClient]:
    """Return a client of a server with two customers."""
    with client(server) as made:
        made.customers.ensure("ada")
        made.customers.ensure("bob")
        yield made


@pytest.fixture
def owner(shop: InteractionsClient) -> InteractionRepository:
    """Return the interactions of a user."""
    return shop.as_user("ada")


def links(interaction: CustomerInteraction) -> list[str]:
    """Return the links of an interaction."""
    return interaction.metadata.attachments if interaction.metadata else []


def stored_files(server: EmbeddedAppwrite) -> dict[str, list[str]]:
    """Return the permissions of all files on the server, by their IDs."""
    with server._store.reading() as connection:
        found = connection.execute("SELECT id, permissions FROM _files").fetchall()
    return {file_id: json.loads(permissions) for file_id, permissions in found}


def test_a_file_is_attached_opened_and_detached(
    server: EmbeddedAppwrite,
    shop: InteractionsClient,
    owner: InteractionRepository,
    tmp_path: Path,
) -> None:
    """The link is added to the metadata, and the file has the owner's permissions."""
    call = owner.log_call("Renewal", metadata=InteractionMetadata(tags=["vip"]))
    path = tmp_path / "offer.txt"
    path.write_bytes(b"Dear Ada\r\n--limit")
    attached = owner.attach(call.id, path, name='of"fer.txt')
    (link,) = links(attached)
    assert attached.metadata is not None
    assert ["vip"] == attached.metadata.tags
    assert link.startswith("http://embedded/v1/storage/buckets/attachments/files/")
    assert link.endswith("/view?project=embedded")
    assert b"Dear Ada\r\n--limit" == owner.read_attachment(call.id, link)
    assert b"Dear Ada\r\n--limit" == owner.open_attachment(call.id, link)
    assert attached == owner.attach(call.id, path, name='of"fer.txt')
    (file_id,) = stored_files(server)
    told = shop._connection.send(storage.get_file("attachments", file_id))
    assert ('of"fer.txt', "text/plain", 17) == (told.name, told.mime_type, told.size)
    assert call.permissions == stored_files(server)[file_id]
    detached = owner.detach(call.id, link)
    assert ([], {}) == (links(detached), stored_files(server))
    assert detached == owner.detach(call.id, link)


def test_nobody_reaches_the_files_of_others(
    shop: InteractionsClient, owner: InteractionRepository, server: EmbeddedAppwrite
) -> None:
    """A user cannot read another's file, even by writing its link into their own interaction."""
    call = owner.log_call("Renewal")
    (link,) = links(owner.attach(call.id, b"secret", name="a.txt"))
    bob = shop.as_user("bob")
    with pytest.raises(OwnershipError):
        bob.read_attachment(call.id, link)
    with pytest.raises(OwnershipError):
        bob.attach(call.id, b"x", name="a.txt")
    own = bob.log_call("Intro", metadata=InteractionMetadata(attachments=[link, "http://x"]))
    for wrong in (link, "http://x", "http://y"):
        with pytest.raises(BadRequestError, match="has no such attachment"):
            bob.read_attachment(own.id, wrong)
    bob.detach(own.id, link)
    assert ["http://x"] == links(bob.get(own.id))
    assert 1 == len(stored_files(server))
    owner.update(call.id, InteractionUpdate(metadata=None))
    with pytest.raises(BadRequestError, match="has no such attachment"):
        owner.read_attachment(call.id, link)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"x", None, "name= must have"),
        (b"x", "a" * 252 + ".txt", "name= must have"),
        (b"x", "evil.exe", "allowed are txt, pdf"),
        (b"x", "txt", "allowed are txt, pdf"),
        (b"x", "caf\udce9.txt", "valid Unicode"),
        (b"", "a.txt", r"^Cannot attach 'a\.txt': the file is empty\.$"),
        (b"x" * 1001, "a.txt", r"more than 1,000 bytes, the maximum of Settings\.attachments_max"),
    ],
)
def test_what_the_bucket_does_not_take_is_refused_before(
    owner: InteractionRepository,
    server: EmbeddedAppwrite,
    content: bytes,
    name: str | None,
    message: str,
) -> None:
    """Size, name and type are checked, and no file is stored."""
    call = owner.log_call("Renewal")
    with pytest.raises(BadRequestError, match=message):
        owner.attach(call.id, content, name=name)
    assert {} == stored_files(server)


def test_metadata_without_room_takes_no_file(
    shop: InteractionsClient, owner: InteractionRepository, server: EmbeddedAppwrite
) -> None:
    """A file whose link does not fit is not uploaded."""
    full = InteractionMetadata(tags=["x" * 4900])
    call = owner.log_call("Renewal", metadata=full)
    with pytest.raises(BadRequestError, match="one more link does not fit"):
        owner.attach(call.id, b"x", name="a.txt")
    table = shop._services.project.tables.interactions
    shop._connection.send(wire.update_row(table, call.id, {"metadata": "oops"}))
    with pytest.raises(BadRequestError, match="not valid JSON"):
        owner.attach(call.id, b"x", name="a.txt")
    assert {} == stored_files(server)


def test_a_bucket_must_be_named_and_made(server: EmbeddedAppwrite) -> None:
    """The errors explain how to name and create the bucket."""
    with client(server, Settings(verify_users=False)) as without:
        without.customers.ensure("ada")
        call = without.as_user("ada").log_call("Renewal")
        with pytest.raises(ConfigurationError, match="attachments_bucket"):
            without.as_user("ada").attach(call.id, b"x", name="a.txt")
    other = SETTINGS.model_copy(update={"attachments_bucket": "other"})
    with client(server, other) as lacking:
        with pytest.raises(SchemaError, match=r"crm\.schema\.apply"):
            lacking.as_user("ada").attach(call.id, b"x", name="a.txt")
        assert ["The bucket `other` is missing: "] == [
            problem.partition("run")[0] for problem in lacking.schema.check()
        ]
        changes = lacking.schema.apply()
        assert [
            "Create the bucket `other` with file security, for files of at most 1000 bytes."
        ] == [str(change) for change in changes]
        assert ([], []) == (lacking.schema.plan(), lacking.schema.check())
        lacking.as_user("ada").attach(call.id, b"x", name="a.txt")


def test_two_who_attach_at_once_both_succeed(
    owner: InteractionRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Links are added even if the interaction changes; constant conflicts raise an error."""
    call = owner.log_call("Renewal")
    change = owner._interactions.update
    late = [True, True]

    def change_after_others(*arguments: object, **named: object) -> CustomerInteraction:
        if late:
            late.pop()
            owner.update(call.id, InteractionUpdate(subject=f"changed {len(late)}"))
        return change(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(owner._attachments._interactions, "update", change_after_others)
    late.clear()
    owner.attach(call.id, b"one", name="1.txt")
    assert 1 == len(links(owner.get(call.id)))

    def conflict(*_: object, **__: object) -> CustomerInteraction:
        raise ConflictError("late")

    monkeypatch.setattr(owner._attachments._interactions, "update", conflict)
    with pytest.raises(ConflictError, match="late"):
        owner.attach(call.id, b"two", name="2.txt")
    assert 1 == len(links(owner.get(call.id)))


def test_a_link_that_somebody_else_wrote_meanwhile_is_enough(
    owner: InteractionRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Concurrent attachments of one file result in one link, after any number of conflicts."""
    call = owner.log_call("Renewal")
    change = owner._interactions.update
    conflicts = [True, True, True]

    def last(current: CustomerInteraction, columns: object, *, action: str) -> object:
        conflicts.pop()
        if not conflicts:
            change(current, columns, action=action)  # type: ignore[arg-type]
        raise ConflictError("late")

    monkeypatch.setattr(owner._attachments._interactions, "update", last)
    assert 1 == len(links(owner.attach(call.id, b"one", name="1.txt")))


def test_a_link_that_was_written_though_the_answer_was_lost_is_kept(
    owner: InteractionRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a lost response, the interaction is read to check whether the link was written."""
    call = owner.log_call("Renewal")
    change = owner._interactions.update

    def lose_answer(current: CustomerInteraction, columns: object, *, action: str) -> object:
        change(current, columns, action=action)  # type: ignore[arg-type]
        raise APITimeoutError("No answer.", may_have_landed=True)

    monkeypatch.setattr(owner._attachments._interactions, "update", lose_answer)
    assert 1 == len(links(owner.attach(call.id, b"one", name="1.txt")))


@pytest.mark.exhaustive
def test_neither_an_orphan_nor_a_dead_link(server: EmbeddedAppwrite) -> None:
    """Whichever request fails, file and link are both there or both missing; a repeat completes."""
    with client(server) as crm:
        crm.customers.ensure("ada")
        ada = crm.as_user("ada")
        for fault in (
            Fault.RESET_BEFORE_WRITE,
            Fault.RESET_AFTER_WRITE,
            Fault.BAD_GATEWAY_AFTER_WRITE,
        ):
            for at in range(1, 30):
                call = ada.log_call("Renewal")
                transport = FaultyTransport(server.transport, fault, first=at)
                broken = client(server, transport=transport).as_user("ada")
                with suppress(InteractionsError):
                    broken.attach(call.id, b"Dear Ada", name="a.txt")
                there = links(ada.get(call.id))
                assert len(there) == len(stored_files(server))
                (link,) = links(ada.attach(call.id, b"Dear Ada", name="a.txt"))
                assert 1 == len(stored_files(server))
                detaching = FaultyTransport(server.transport, fault, first=at)
                broken = client(server, transport=detaching).as_user("ada")
                with suppress(InteractionsError):
                    broken.detach(call.id, link)
                ada.detach(call.id, link)
                assert ([], {}) == (links(ada.get(call.id)), stored_files(server))
                if max(len(transport.requests), len(detaching.requests)) < at:
                    break
            else:
                pytest.fail("There are more requests than were tried.")


def test_a_page_of_a_proxy_is_not_taken_for_a_file(
    server: EmbeddedAppwrite, owner: InteractionRepository
) -> None:
    """A login page with status 200 is not taken for the file's content."""
    call = owner.log_call("Renewal")
    (link,) = links(owner.attach(call.id, b"Dear Ada", name="a.txt"))
    transport = FaultyTransport(server.transport, Fault.NOT_JSON_BEFORE_WRITE, route="*/download")
    ada = client(server, transport=transport).as_user("ada")

    with pytest.raises(ServerError, match="not Appwrite"):
        ada.read_attachment(call.id, link)

    assert b"Dear Ada" == ada.read_attachment(call.id, link)


def test_a_dead_server_leaves_doubt_and_says_so(
    server: EmbeddedAppwrite, owner: InteractionRepository, tmp_path: Path
) -> None:
    """If the outcome cannot be checked, the error suggests attaching again, which works."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    call = owner.log_call("Renewal")
    transport = FaultyTransport(server.transport, Fault.RESET_AFTER_WRITE, first=3, count=None)
    with pytest.raises(InteractionsError) as failed:
        client(server, transport=transport).as_user("ada").attach(call.id, b"x", name="a.txt")
    assert [
        "The file may have been uploaded without being linked. Attach it again to be sure."
    ] == (failed.value.__notes__)
    (link,) = links(owner.attach(call.id, path))
    assert b"x" == owner.read_attachment(call.id, link)


def test_a_link_that_lands_late_has_its_file(
    owner: InteractionRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the link is written after a timeout, its file still exists."""
    call = owner.log_call("Renewal")
    records = owner._attachments._interactions
    change = records.update
    late: list[Callable[[], CustomerInteraction]] = []

    def unanswered(*change_of: Any, **facts: Any) -> CustomerInteraction:
        late.append(lambda: change(*change_of, **facts))
        raise APITimeoutError("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(records, "update", unanswered)
        with pytest.raises(APITimeoutError) as failed:
            owner.attach(call.id, b"x", name="a.txt")
    assert "Attach it again" in failed.value.__notes__[0]
    (link,) = links(late[0]())
    assert b"x" == owner.read_attachment(call.id, link)


def test_a_refused_upload_leaves_nothing_behind(
    server: EmbeddedAppwrite,
    owner: InteractionRepository,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After a rejected upload, no file is deleted and no orphan is logged."""
    call = owner.log_call("Renewal")
    bigger = SETTINGS.model_copy(update={"attachments_max_bytes": 2000})
    transport = FaultyTransport(server.transport)
    repo = client(server, bigger, transport).as_user("ada")
    with pytest.raises(BadRequestError, match="size"):
        repo.attach(call.id, b"x" * 1001, name="a.txt")
    assert ["POST"] == [sent.method for sent in transport.requests if "/storage/" in sent.route]
    assert "left without a link" not in caplog.text
    assert {} == stored_files(server)


def test_a_file_that_cannot_be_taken_away_is_logged(
    server: EmbeddedAppwrite,
    owner: InteractionRepository,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The first error is raised, even if the interaction no longer exists."""
    call = owner.log_call("Renewal")
    transport = FaultyTransport(
        server.transport, Fault.RESET_BEFORE_WRITE, count=None, route="/storage/*"
    )
    with pytest.raises(InteractionsError, match="RESET_BEFORE_WRITE"):
        client(server, transport=transport).as_user("ada").attach(call.id, b"x", name="a.txt")
    assert "was left without a link" in caplog.text


def test_an_interaction_that_is_deleted_meanwhile_keeps_no_file(
    server: EmbeddedAppwrite, owner: InteractionRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The uploaded file is deleted again."""
    call = owner.log_call("Renewal")
    send = Connection.send

    def delete_before(self: Connection, request: wire.Call[object]) -> object:
        if "/storage/" in request.path and request.method == "POST":
            monkeypatch.undo()
            owner.delete(call.id)
        return send(self, request)

    monkeypatch.setattr(Connection, "send", delete_before)
    with pytest.raises(InteractionsError):
        owner.attach(call.id, b"x", name="a.txt")
    assert {} == stored_files(server)


def test_an_upload_that_conflicts_otherwise_is_raised(
    server: EmbeddedAppwrite, owner: InteractionRepository
) -> None:
    """Only the identical file counts as already uploaded."""
    call = owner.log_call("Renewal")
    transport = FaultyTransport(
        server.transport, Fault.TRANSACTION_CONFLICT, method="POST", route="/storage/*"
    )
    with pytest.raises(ConflictError):
        client(server, transport=transport).as_user("ada").attach(call.id, b"x", name="a.txt")
    assert [] == links(owner.get(call.id))


@pytest.mark.parametrize("mode", ["delete", "redact"])
def test_privacy_includes_the_files(
    server: EmbeddedAppwrite,
    shop: InteractionsClient,
    owner: InteractionRepository,
    mode: Literal["delete", "redact"],
) -> None:
    """Files are exported with their content, and erased with the customer."""
    root = shop.as_admin("root")
    then = datetime(2020, 5, 1, tzinfo=UTC)
    call = owner.log_call("Renewal", occurred_at=then)
    (gone,) = links(owner.attach(call.id, b"gone", name="b.txt"))
    shop._connection.send(storage.delete_file(*(storage.parse_file_link(gone) or ("", ""))))
    owner.attach(call.id, b"Dear Ada", name="a.txt")
    owner.log_call("Intro", metadata=InteractionMetadata(attachments=["http://x", gone]))
    found = json.loads(json.dumps(root.export_customer(call.customer_id)))
    assert [(call.id, "a.txt", "text/plain", b"Dear Ada")] == [
        (file["interactionId"], file["name"], file["mimeType"], base64.b64decode(file["base64"]))
        for file in found["files"]
        if "missing" not in file
    ]
    assert {gone} == {file["link"] for file in found["files"] if "missing" in file}
    root.erase_customer(call.customer_id, mode)
    assert {} == stored_files(server)


def test_a_file_that_is_gone_is_not_found(
    shop: InteractionsClient, owner: InteractionRepository
) -> None:
    """The link to a missing file can still be removed."""
    call = owner.log_call("Renewal")
    (link,) = links(owner.attach(call.id, b"x", name="a.txt"))
    _, file_id = storage.parse_file_link(link) or ("", "")
    shop._connection.send(storage.delete_file("attachments", file_id))
    with pytest.raises(NotFoundError):
        owner.read_attachment(call.id, link)
    assert [] == links(owner.detach(call.id, link))


def test_attachments_are_listed_with_their_names(
    shop: InteractionsClient, owner: InteractionRepository
) -> None:
    """One request reads all names; other links, and links to missing files, have no name."""
    ada = owner
    call = ada.log_call("Renewal")
    assert [] == ada.list_attachments(call.id)
    ada.attach(call.id, b"Dear Ada", name="é.txt")
    changed = ada.attach(call.id, b"%PDF", name="b.pdf")
    assert changed.metadata is not None
    first, second = changed.metadata.attachments
    other = "https://example.com/c.pdf"
    changed = ada.attach(call.id, b"gone", name="gone.txt")
    assert changed.metadata is not None
    gone = changed.metadata.attachments[-1]
    ada.detach(call.id, gone)
    metadata = InteractionMetadata(attachments=[second, other, first, gone])
    ada.update(call.id, InteractionUpdate(metadata=metadata))

    listed = ada.list_attachments(call.id)

    assert [second, other, first, gone] == [each.link for each in listed]
    assert [("b.pdf", 4), (None, None), ("é.txt", 8), (None, None)] == [
        (each.name, each.size) for each in listed
    ]
    assert "application/pdf" == listed[0].mime_type
    with pytest.raises(NotFoundError):
        shop.as_user("bob").list_attachments(call.id)
