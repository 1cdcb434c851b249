"""Archiving and restoring: nothing is lost or duplicated, wherever a run is interrupted."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from interactions_sdk import (
    ArchiveResult,
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    BadRequestError,
    ConfigurationError,
    CustomerInteraction,
    InteractionCreate,
    InteractionMetadata,
    InteractionsError,
    InteractionUpdate,
    PermissionDeniedError,
    RetryPolicy,
    Settings,
    reports,
    wire,
)
from interactions_sdk._async.connection import transactions
from interactions_sdk._async.connection.rows import find_row
from interactions_sdk._async.transfer import archiving
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.identifiers import audit_row_id
from interactions_sdk.testing import Fault, FaultyTransport
from interactions_sdk.transfer import RestoreResult
from interactions_sdk.transfer.archive_files import ArchiveFiles
from interactions_sdk.wire import query
from interactions_sdk.wire.call import parse_nothing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

    from interactions_sdk.embedded import EmbeddedAppwrite
    from interactions_sdk.rules.operations import Operation

pytestmark = pytest.mark.anyio

MAY = datetime(2020, 5, 30, 10, tzinfo=UTC)
NEW_YEAR = datetime(2021, 1, 1, tzinfo=UTC)
OPEN = datetime(2040, 1, 1, tzinfo=UTC)
AT_ONCE = RetryPolicy(retries=0)
SETTINGS = Settings(verify_users=False)


def drafts(count: int = 4) -> list[InteractionCreate]:
    """Return calls of two months, an open follow-up, and a recent call."""
    calls = [
        InteractionCreate(
            interaction_type="call",
            subject=f"=call {number}",
            duration=number + 1,
            outcome="resolved",
            next_action_date=OPEN,
            metadata=InteractionMetadata(tags=["vip"], custom_fields={"n": number}),
            occurred_at=MAY + timedelta(days=number),
            id=f"call-{number}",
        )
        for number in range(count)
    ]
    task = InteractionCreate(
        interaction_type="task", next_action_date=OPEN, occurred_at=MAY, id="task"
    )
    return [*calls, task, InteractionCreate(interaction_type="call", id="new")]


async def add(crm: AsyncInteractionsClient, some: Sequence[InteractionCreate]) -> None:
    """Write the interactions of a customer as an admin, which keeps the IDs of the drafts."""
    customer_id = (await crm.customers.get_by_user_id("ada")).id
    own = [draft.model_copy(update={"customer_id": customer_id}) for draft in some]
    (await crm.as_admin("root").create_many(own)).raise_for_failures()


def client(
    server: EmbeddedAppwrite, *, settings: Settings = SETTINGS, fault: FaultyTransport | None = None
) -> AsyncInteractionsClient:
    """Return a client of a server."""
    return AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=settings,
        transport=fault or server.transport,
        retry=AT_ONCE,
    )


@pytest.fixture
def server() -> Iterator[EmbeddedAppwrite]:
    """Start a server."""
    started = start_embedded_server(":memory:", SETTINGS)
    yield started
    started.close()


@pytest.fixture
async def root(acrm: AsyncInteractionsClient) -> AsyncInteractionRepository:
    """Return the repository of an admin, with interactions in it."""
    await acrm.customers.ensure("ada")
    await add(acrm, drafts())
    return acrm.as_admin("root")


async def all_of(repo: AsyncInteractionRepository) -> dict[str, CustomerInteraction]:
    """Return all interactions on the server."""
    return {each.id: each async for each in repo.iterate()}


def archived_in(folder: Path) -> list[str]:
    """Return the IDs of all archived interactions, including duplicates."""
    return sorted(reports.scan(folder).collect()["id"]) if folder.exists() else []


def a_file_in(folder: Path) -> Path:
    """Return one of the files of an archive."""
    return next(folder.rglob("*.parquet"))


async def audits(crm: AsyncInteractionsClient, entity_id: str) -> list[str]:
    """Return the audited actions of an interaction, sorted."""
    table = crm._services.project.tables.audit
    assert table is not None
    call = wire.list_rows(table, [query.equal("entityId", entity_id), query.limit(100)])
    return sorted(entry.action for entry in (await crm._connection.send(call)).rows)


async def test_what_is_old_moves_to_files_and_back(
    acrm: AsyncInteractionsClient, root: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """Open follow-ups and recent interactions stay; restored interactions are unchanged."""
    before = await all_of(root)
    customer = await acrm.customers.get_by_user_id("ada")
    told: list[int] = []
    result = await root.archive(NEW_YEAR, tmp_path, on_progress=told.append)
    assert ArchiveResult(archived=4, open_follow_ups=1, changed=0) == result
    assert [2, 4] == told
    assert {"task", "new"} == (await all_of(root)).keys()
    assert ["year=2020/month=5", "year=2020/month=6"] == [
        path.parent.relative_to(tmp_path).as_posix() for path in ArchiveFiles(tmp_path).find()
    ]
    assert ["call-0", "call-1", "call-2", "call-3"] == archived_in(tmp_path)
    assert reports.SCHEMA == reports.scan(tmp_path).collect_schema()
    assert ["interaction.archived", "interaction.created"] == await audits(acrm, "call-0")

    told.clear()
    back = await root.restore(tmp_path, on_progress=told.append)
    assert RestoreResult(4, 0, (), updated_at_kept=True) == back
    assert [2, 4] == told
    assert before == await all_of(root)
    assert customer == await acrm.customers.get(customer.id)
    assert [] == archived_in(tmp_path)
    assert [
        "interaction.archived",
        "interaction.created",
        "interaction.restored",
    ] == await audits(acrm, "call-0")


@pytest.mark.unmeasured
async def test_what_came_back_can_be_changed_and_archived_again(
    acrm: AsyncInteractionsClient, root: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """Each archiving and restoring adds an entry to the audit log."""
    for _ in range(2):
        assert 4 == (await root.archive(NEW_YEAR, tmp_path)).archived
        assert 4 == (await root.restore(tmp_path)).restored
    changed = await root.update("call-0", InteractionUpdate(outcome="busy", next_action_date=None))
    assert "busy" == changed.outcome
    await root.delete("call-1")
    assert 3 == (await root.archive(NEW_YEAR, tmp_path)).archived
    assert 3 == (await audits(acrm, "call-0")).count("interaction.archived")
    assert 2 == (await audits(acrm, "call-0")).count("interaction.restored")


@pytest.mark.parametrize("breaks_off", [True, False])
async def test_a_restoration_that_is_audited_already_is_completed(
    acrm: AsyncInteractionsClient,
    root: AsyncInteractionRepository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    breaks_off: bool,
) -> None:
    """A restore that was interrupted after some or all of its audit rows is completed."""
    await root.archive(NEW_YEAR, tmp_path)
    if breaks_off:

        async def break_off(*_: object) -> None:
            raise InteractionsError("The network is gone.")

        with monkeypatch.context() as patched:
            patched.setattr(root._archiver, "_create_rows", break_off)
            with pytest.raises(InteractionsError, match="network is gone"):
                await root.restore(tmp_path)
    else:
        files = ArchiveFiles(tmp_path)
        [file] = [each for each in files.find(None, None) if "call-0" in files.values(each, "id")]
        audit = acrm._services.project.tables.audit
        assert audit is not None
        first = {"action": "interaction.restored", "userId": "root", "entityId": "call-0"}
        await acrm._connection.send(
            wire.create_row(audit, audit_row_id("call-0", f"restored from {file.name}"), first)
        )

    assert 4 == (await root.restore(tmp_path)).restored
    assert ["interaction.archived", "interaction.restored"] == sorted(
        action for action in await audits(acrm, "call-0") if action != "interaction.created"
    )
    await root.delete("call-0")


async def test_one_partition_comes_back(root: AsyncInteractionRepository, tmp_path: Path) -> None:
    """`year` and `month` select what is restored, and `keep_files` keeps the files."""
    await root.archive(NEW_YEAR, tmp_path)
    assert 0 == (await root.restore(tmp_path, year=2019)).restored
    assert 2 == (await root.restore(tmp_path, year=2020, month=6)).restored
    assert ["call-0", "call-1"] == archived_in(tmp_path)
    kept = await root.restore(tmp_path, keep_files=True)
    assert (2, ["call-0", "call-1"]) == (kept.restored, archived_in(tmp_path))
    assert 2 == (await root.restore(tmp_path)).already_there


async def test_columns_and_values_of_your_own_survive(
    acrm: AsyncInteractionsClient, root: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """Unknown columns and unusual values are restored exactly."""
    table = acrm._services.project.tables.interactions
    columns = table.path.removesuffix("/rows") + "/columns/string"
    body = wire.call.to_json({"key": "branch", "size": 20, "required": False})
    await acrm._connection.send(wire.Call("POST", columns, columns, parse_nothing, body))
    odd = {"branch": "Bern", "metadata": '{ "tags" : [] }'}
    await acrm._connection.send(wire.update_row(table, "call-0", odd))
    raw = await find_row(acrm._connection, root._archiver._raw, "call-0")
    assert 4 == (await root.archive(NEW_YEAR, tmp_path)).archived
    assert 4 == (await root.restore(tmp_path)).restored
    again = await find_row(acrm._connection, root._archiver._raw, "call-0")
    assert raw is not None
    assert again is not None
    assert raw.model_copy(update={"$sequence": 0}) == again.model_copy(update={"$sequence": 0})
    assert "Bern" == (again.model_extra or {})["branch"]


async def test_a_month_takes_further_files(
    acrm: AsyncInteractionsClient, root: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """A later run adds a file to the month's folder."""
    await root.archive(NEW_YEAR, tmp_path)
    late = InteractionCreate(interaction_type="call", subject="Late", occurred_at=MAY, id="late")
    await add(acrm, [late])
    assert 1 == (await root.archive(NEW_YEAR, tmp_path)).archived
    assert ["call-0", "call-1", "call-2", "call-3", "late"] == archived_in(tmp_path)
    assert 3 == len(ArchiveFiles(tmp_path).find(2020))


async def test_only_admins_archive(
    acrm: AsyncInteractionsClient, root: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """Users who are not admins are rejected, and the attempt is audited."""
    ada = acrm.as_user("ada")
    with pytest.raises(PermissionDeniedError, match="only an admin may"):
        await ada.archive(NEW_YEAR, tmp_path)
    with pytest.raises(PermissionDeniedError, match="only an admin may"):
        await ada.restore(tmp_path)
    assert ["interaction.refused"] * 2 == await audits(acrm, "")
    with pytest.raises(BadRequestError, match="needs a time zone"):
        await root.archive(datetime(2021, 1, 1), tmp_path)  # noqa: DTZ001 - the mistake


async def test_archives_need_the_extra(
    root: AsyncInteractionRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the extra before anything is archived."""
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ConfigurationError, match="the extra `reports`"):
        await root.archive(NEW_YEAR, tmp_path)
    assert 6 == await root.count()


async def test_a_file_that_does_not_read_back_deletes_nothing(
    root: AsyncInteractionRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only interactions that were read back from the file are deleted."""
    monkeypatch.setattr(ArchiveFiles, "read", lambda *_: [])
    with pytest.raises(InteractionsError, match="does not match what was written"):
        await root.archive(NEW_YEAR, tmp_path)
    assert ([], 6) == (archived_in(tmp_path), await root.count())


@pytest.mark.unmeasured
@pytest.mark.parametrize("left", [0, 500])
async def test_a_damaged_file_is_named(
    root: AsyncInteractionRepository, tmp_path: Path, left: int
) -> None:
    """A damaged file is named and nothing is restored; after it is replaced, restoring works."""
    before = await all_of(root)
    await root.archive(NEW_YEAR, tmp_path)
    path, *_ = ArchiveFiles(tmp_path).find()
    whole = path.read_bytes()
    path.write_bytes(whole[:left])
    with pytest.raises(BadRequestError, match=path.name):
        await root.restore(tmp_path)
    path.write_bytes(whole)
    await root.restore(tmp_path)
    assert before == await all_of(root)


async def test_a_bit_that_has_changed_is_noticed(
    root: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """A single changed bit is detected, and the file is kept."""
    await root.archive(NEW_YEAR, tmp_path)
    damaged = a_file_in(tmp_path)
    content = bytearray(damaged.read_bytes())
    content[40] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(BadRequestError, match=f"{damaged.name} is not an archive file or is dam"):
        await root.restore(tmp_path)
    assert content == damaged.read_bytes()


async def test_a_bit_that_asks_for_what_pyarrow_has_not(
    root: AsyncInteractionRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors of pyarrow about unknown column types also name the file."""

    def read(*_: object) -> None:
        raise NotImplementedError("Integers with more than 64 bits not implemented")

    await root.archive(NEW_YEAR, tmp_path)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile.read", read)
    with pytest.raises(BadRequestError, match="or is damaged: Integers with more than 64 bits"):
        await root.restore(tmp_path)


async def test_a_file_of_something_else_is_named(
    root: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """Another file in the folder of a month is named in the error."""
    folder = tmp_path / "year=2020" / "month=5"
    folder.mkdir(parents=True)
    reports.frame([]).select("subject").write_parquet(folder / "mine.parquet")
    with pytest.raises(BadRequestError, match=r"mine\.parquet is not an archive file"):
        await root.archive(NEW_YEAR, tmp_path)
    assert 6 == await root.count()


async def test_a_folder_may_be_called_like_a_pattern(
    root: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """Brackets in a folder's name are not treated as a glob pattern."""
    folder = tmp_path / "old [1]"
    assert 4 == (await root.archive(NEW_YEAR, folder)).archived
    assert ["call-0", "call-1", "call-2", "call-3"] == archived_in(folder)
    assert 4 == (await root.restore(folder)).restored


async def test_without_an_audit_log(tmp_path: Path) -> None:
    """Archives work without an audit log; refusals are not audited."""
    settings = Settings(verify_users=False, audit_table=None)
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        await add(crm, drafts())
        root = crm.as_admin("root")
        before = await all_of(root)
        assert 4 == (await root.archive(NEW_YEAR, tmp_path)).archived
        assert 4 == (await root.restore(tmp_path)).restored
        assert before == await all_of(root)
        with pytest.raises(PermissionDeniedError):
            await crm.as_user("ada").archive(NEW_YEAR, tmp_path)


async def test_what_is_changed_meanwhile_stays(
    root: AsyncInteractionRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interactions that change during archiving stay, and deleted ones are in no file."""

    async def change() -> None:
        await root.update("call-0", InteractionUpdate(subject="changed"))
        await root.delete("call-1")

    changes: list[Callable[[], Awaitable[None]]] = [change]
    commit = root._archiver._commit

    async def commit_after_others(*args: Any, **options: Any) -> None:
        while changes:
            await changes.pop()()
        await commit(*args, **options)

    monkeypatch.setattr(root._archiver, "_commit", commit_after_others)
    result = await root.archive(NEW_YEAR, tmp_path)
    assert ArchiveResult(archived=2, open_follow_ups=1, changed=2) == result
    assert ["call-2", "call-3"] == archived_in(tmp_path)
    assert {"call-0", "task", "new"} == (await all_of(root)).keys()


Commit: TypeAlias = "Callable[..., Awaitable[None]]"


def wrap_commits(
    monkeypatch: pytest.MonkeyPatch, wrapper: Callable[[Commit, list[Operation]], Awaitable[None]]
) -> None:
    """Let something else commit the archive's operations; it is passed how."""
    commit = transactions.commit_operations

    async def commit_wrapped(
        connection: Any, database_id: str, operations: list[Operation], **options: Any
    ) -> None:
        async def go_on(some: list[Operation], **more: Any) -> None:
            await commit(connection, database_id, some, **options | more)

        await wrapper(go_on, operations)

    monkeypatch.setattr(archiving, "commit_operations", commit_wrapped)


@pytest.mark.parametrize(
    ("settings", "events", "expected"),
    [
        (SETTINGS, False, "bulkDelete"),
        (SETTINGS, True, "delete"),
        (SETTINGS.model_copy(update={"consistency": "fast"}), False, "delete"),
        (SETTINGS.model_copy(update={"audit_table": None}), False, "delete"),
    ],
)
async def test_deletions_raise_events_if_asked(
    server: EmbeddedAppwrite,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    expected: str,
    *,
    events: bool,
) -> None:
    """In bulk they raise none; one by one they do, also where bulk deletes are not safe."""
    crm = client(server, settings=settings)
    await crm.customers.ensure("ada")
    await add(crm, drafts())
    staged: list[str] = []

    async def remember(go_on: Commit, operations: list[Operation]) -> None:
        staged.extend(each.action for each in operations if each.action != "bulkCreate")
        await go_on(operations)

    wrap_commits(monkeypatch, remember)
    assert 4 == (await crm.as_admin("root").archive(NEW_YEAR, tmp_path, events=events)).archived
    assert [expected] * (2 if expected == "bulkDelete" else 4) == staged


@pytest.mark.parametrize("lost", [1, 3])
async def test_a_committed_deletion_that_is_lost_is_repeated(
    acrm: AsyncInteractionsClient,
    root: AsyncInteractionRepository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lost: int,
) -> None:
    """After a deadlock, Appwrite loses operations of a transaction, and commits the others."""
    left = [True] * lost

    async def lose(go_on: Commit, operations: list[Operation]) -> None:
        kept = operations[1:] if left and left.pop() else operations
        if kept:
            await go_on(kept)

    wrap_commits(monkeypatch, lose)
    assert ArchiveResult(4, 1, changed=0) == await root.archive(NEW_YEAR, tmp_path)
    assert {"task", "new"} == (await all_of(root)).keys()
    assert 1 == (await audits(acrm, "call-0")).count("interaction.archived")


async def test_a_run_that_broke_off_before_it_repeated_a_lost_deletion_is_completed(
    root: AsyncInteractionRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit rows of the first run are no obstacle for the second one."""

    async def lose(go_on: Commit, operations: list[Operation]) -> None:
        if operations[1:]:
            await go_on(operations[1:])

    with monkeypatch.context() as patched:
        wrap_commits(patched, lose)
        with pytest.raises(InteractionsError, match="were not applied"):
            await root.archive(NEW_YEAR, tmp_path)
    assert 6 == await root.count()
    assert ArchiveResult(4, 1, changed=0) == await root.archive(NEW_YEAR, tmp_path)
    assert ["call-0", "call-1", "call-2", "call-3"] == archived_in(tmp_path)
    assert {"task", "new"} == (await all_of(root)).keys()


async def test_what_another_program_changes_before_a_lost_deletion_is_repeated_stays(
    server: EmbeddedAppwrite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes no audit row; its change is not deleted."""
    crm = client(server)
    await crm.customers.ensure("ada")
    await add(crm, drafts())
    theirs = client(server, settings=SETTINGS.model_copy(update={"audit_table": None}))
    changes = [InteractionUpdate(subject="changed")]

    async def lose(go_on: Commit, operations: list[Operation]) -> None:
        await go_on(operations[1:] if changes else operations)
        while changes:
            await theirs.as_admin("other").update("call-0", changes.pop())

    wrap_commits(monkeypatch, lose)
    root = crm.as_admin("root")
    assert ArchiveResult(3, 1, changed=1) == await root.archive(NEW_YEAR, tmp_path)
    assert "changed" == (await root.get("call-0")).subject
    assert ["call-1", "call-2", "call-3"] == archived_in(tmp_path)


async def test_without_an_audit_log_what_is_changed_meanwhile_stays(
    server: EmbeddedAppwrite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then interactions are deleted one by one, and the server compares their times."""
    crm = client(server, settings=SETTINGS.model_copy(update={"audit_table": None}))
    await crm.customers.ensure("ada")
    await add(crm, drafts())
    root = crm.as_admin("root")
    changes = [InteractionUpdate(subject="changed")]

    async def change(go_on: Commit, operations: list[Operation]) -> None:
        while changes:
            await root.update("call-0", changes.pop())
        await go_on(operations)

    wrap_commits(monkeypatch, change)
    assert ArchiveResult(3, 1, changed=1) == await root.archive(NEW_YEAR, tmp_path)
    assert "changed" == (await root.get("call-0")).subject
    assert ["call-1", "call-2", "call-3"] == archived_in(tmp_path)


async def test_what_is_undone_meanwhile_is_in_no_file(
    root: AsyncInteractionRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A create that is refused afterwards deletes its interaction again."""
    created = [await root.get("call-0")]

    async def undo(go_on: Commit, operations: list[Operation]) -> None:
        while created:
            await root._interactions._executor.undo_create(created.pop(), user_id="ada")
        await go_on(operations, before_commit=None)

    wrap_commits(monkeypatch, undo)
    assert ArchiveResult(3, 1, changed=1) == await root.archive(NEW_YEAR, tmp_path)
    assert ["call-1", "call-2", "call-3"] == archived_in(tmp_path)


async def test_what_was_deleted_and_restored_can_be_changed(
    root: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """The audit row of its deletion does not block its next change."""
    await root.archive(NEW_YEAR, tmp_path)
    await root.restore(tmp_path, keep_files=True)
    await root.delete("call-0")
    await root.restore(tmp_path)
    changed = await root.update("call-0", InteractionUpdate(subject="changed"))
    assert "changed" == changed.subject


@pytest.mark.unmeasured
@pytest.mark.parametrize("audit_table", ["audit_logs", None])
@pytest.mark.parametrize("overtaken_at", ["_archive_month", "_commit"])
async def test_runs_that_overlap_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audit_table: str | None, overtaken_at: str
) -> None:
    """If two runs overlap, each interaction is in exactly one file."""
    settings = Settings(verify_users=False, audit_table=audit_table)
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        await crm.customers.ensure("ada")
        await add(crm, drafts())
        root = crm.as_admin("root")
        before = await all_of(root)
        others = [crm.as_admin("root")]
        go_on = getattr(root._archiver, overtaken_at)

        async def after_the_other(*args: object, **options: object) -> None:
            while others:
                assert 4 == (await others.pop().archive(NEW_YEAR, tmp_path)).archived
            await go_on(*args, **options)

        monkeypatch.setattr(root._archiver, overtaken_at, after_the_other)
        assert ArchiveResult(0, 1, changed=4) == await root.archive(NEW_YEAR, tmp_path)
        assert ["call-0", "call-1", "call-2", "call-3"] == archived_in(tmp_path)
        assert 4 == (await root.restore(tmp_path)).restored
        assert before == await all_of(root)


async def test_a_row_of_two_files_is_kept_in_the_earlier_one(
    root: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """A row that two concurrent runs have written is removed from the later file."""
    await root.archive(NEW_YEAR, tmp_path)
    files = ArchiveFiles(tmp_path)
    earlier, *_ = files.find(2020, 5)
    later = earlier.with_name(f"9{earlier.name}")
    later.write_bytes(earlier.read_bytes())

    files.remove_duplicates_of(2020, 5, "call-0")

    assert {"call-0", "call-1"} == files.values(earlier, "id")
    assert {"call-1"} == files.values(later, "id")


async def test_what_another_run_archived_in_a_newer_state_is_kept(
    root: AsyncInteractionRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If two runs archive different states of a row, the newer one is kept."""
    before = await all_of(root)
    changed: list[CustomerInteraction] = []
    go_on = root._archiver._archive_month

    async def after_the_other(*args: Any, **options: Any) -> None:
        if not changed:
            update = InteractionUpdate(description="Changed")
            changed.append(await root.update(before["call-0"].id, update))
            monkeypatch.undo()
            assert 4 == (await root.archive(NEW_YEAR, tmp_path)).archived
        await go_on(*args, **options)

    monkeypatch.setattr(root._archiver, "_archive_month", after_the_other)
    assert ArchiveResult(0, 1, changed=4) == await root.archive(NEW_YEAR, tmp_path)
    assert 4 == (await root.restore(tmp_path)).restored
    assert before | {"call-0": changed[0]} == await all_of(root)


async def test_a_row_that_changed_after_a_crash_is_archived_anew(
    root: AsyncInteractionRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a row changed after an interrupted run, its old state is replaced in the archive."""

    async def crash(*_: object, **_options: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(root._archiver, "_commit", crash)
        with pytest.raises(RuntimeError):
            await root.archive(NEW_YEAR, tmp_path)
    assert ["call-0", "call-1"] == archived_in(tmp_path)
    await root.update("call-0", InteractionUpdate(subject="changed"))
    assert 4 == (await root.archive(NEW_YEAR, tmp_path)).archived
    frame = reports.scan(tmp_path).collect()
    assert ["call-0", "call-1", "call-2", "call-3"] == sorted(frame["id"])
    assert "changed" == dict(zip(frame["id"], frame["subject"], strict=True))["call-0"]


async def test_what_differs_on_the_server_is_left_alone(
    acrm: AsyncInteractionsClient, root: AsyncInteractionRepository, tmp_path: Path
) -> None:
    """An interaction that differs on the server is reported, and its file is kept."""
    await root.archive(NEW_YEAR, tmp_path)
    draft = InteractionCreate(interaction_type="note", description="Another", id="other")
    await acrm.as_user("ada").create(draft)
    await root.restore(tmp_path, month=5, keep_files=True)
    await root.update("call-0", InteractionUpdate(subject="changed"))
    result = await root.restore(tmp_path)
    assert RestoreResult(2, 1, ("call-0",), updated_at_kept=True) == result
    assert ["call-0", "call-1"] == archived_in(tmp_path)
    assert "changed" == (await root.get("call-0")).subject


@pytest.mark.exhaustive
async def test_an_archive_that_breaks_off_is_completed(
    server: EmbeddedAppwrite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever request fails, no interaction is lost or duplicated, and a second run completes."""
    monkeypatch.setattr(archiving, "_DELETE_BATCH_SIZE", 2)
    monkeypatch.setattr(archiving, "_BATCH_SIZE", 3)
    crm = client(server)
    await crm.customers.ensure("ada")
    root = crm.as_admin("root")
    await add(crm, drafts())
    before = await all_of(root)
    for fault in (Fault.RESET_AFTER_WRITE, Fault.RESET_BEFORE_WRITE):
        for at in range(1, 100):
            folder = tmp_path / f"{fault.name}-{at}"
            transport = FaultyTransport(server.transport, fault, first=at, count=2)
            broken = client(server, fault=transport).as_admin("root")
            with suppress(InteractionsError):
                await broken.archive(NEW_YEAR, folder)
            there = {*archived_in(folder), *await all_of(root)}
            assert before.keys() == there
            await root.archive(NEW_YEAR, folder)
            assert ["call-0", "call-1", "call-2", "call-3"] == archived_in(folder)
            assert {"task", "new"} == (await all_of(root)).keys()

            restoring = FaultyTransport(server.transport, fault, first=at, count=2)
            broken = client(server, fault=restoring).as_admin("root")
            with suppress(InteractionsError):
                await broken.restore(folder)
            assert before.keys() == {*archived_in(folder), *await all_of(root)}
            await root.restore(folder)
            assert before == await all_of(root)
            assert [] == archived_in(folder)
            if max(len(transport.requests), len(restoring.requests)) < at:
                break
    entries = await audits(crm, "call-0")
    assert entries.count("interaction.archived") == entries.count("interaction.restored")


async def test_a_restoration_that_broke_off_before_its_rows_writes_its_audit_rows_once(
    server: EmbeddedAppwrite, tmp_path: Path
) -> None:
    """The second run finds the audit rows of the first one, and writes only the interactions."""
    crm = client(server)
    await crm.customers.ensure("ada")
    root = crm.as_admin("root")
    await add(crm, drafts())
    await root.archive(NEW_YEAR, tmp_path)
    transport = FaultyTransport(
        server.transport,
        Fault.RESET_BEFORE_WRITE,
        count=None,
        method="POST",
        route="*/customer_interactions/rows",
    )
    with pytest.raises(InteractionsError):
        await client(server, fault=transport).as_admin("root").restore(tmp_path)
    assert {"task", "new"} == (await all_of(root)).keys()
    assert 4 == (await root.restore(tmp_path)).restored
    entries = await audits(crm, "call-0")
    assert 1 == entries.count("interaction.restored") == entries.count("interaction.archived")


async def test_a_creation_that_stays_in_conflict_is_raised(
    server: EmbeddedAppwrite, tmp_path: Path
) -> None:
    """A conflict that remains after the retries is raised, and the files are kept."""
    crm = client(server)
    await crm.customers.ensure("ada")
    root = crm.as_admin("root")
    await add(crm, drafts())
    await root.archive(NEW_YEAR, tmp_path)
    transport = FaultyTransport(
        server.transport,
        Fault.TRANSACTION_CONFLICT,
        count=None,
        method="POST",
        route="*/customer_interactions/rows",
    )
    with pytest.raises(InteractionsError, match="conflict"):
        await client(server, fault=transport).as_admin("root").restore(tmp_path)
    assert ["call-0", "call-1", "call-2", "call-3"] == archived_in(tmp_path)


async def test_batches_are_deleted_and_restored_side_by_side(
    root: AsyncInteractionRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each interaction is counted once, whatever order the batches end in."""
    monkeypatch.setattr(archiving, "_DELETE_BATCH_SIZE", 1)
    monkeypatch.setattr(archiving, "MAX_ROWS_PER_REQUEST", 1)
    before = {each.id: each async for each in root.iterate()}
    told: list[int] = []
    archived = await root.archive(NEW_YEAR, tmp_path)
    assert 4 == archived.archived
    restored = await root.restore(tmp_path, on_progress=told.append)
    assert RestoreResult(4, 0, (), updated_at_kept=True) == restored
    assert [1, 2, 3, 4] == told
    assert before == {each.id: each async for each in root.iterate()}
