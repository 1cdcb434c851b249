"""Operations of the matrix on customers, attachments, imports and the audit log."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from interactions_sdk.testing.assertions import audit_entries
from interactions_sdk.transfer.results import ImportReport
from tests.faults.operations import Operation, Told, expected_audits, settle_dates
from tests.faults.scenarios import ATOMIC, FAST, UNAUDITED, Scene, days

if TYPE_CHECKING:
    from collections.abc import Callable

    from interactions_sdk import Customer, CustomerInteraction, InteractionsClient

__all__ = ["OTHER_OPERATIONS"]

WITH_FILES = ATOMIC.model_copy(update={"attachments_bucket": "attachments"})
OF_USERS = ATOMIC.model_copy(update={"user_sessions": True})

# Customers


def _add_customer(scene: Scene) -> None:
    scene.add_customer()


def _rename(crm: InteractionsClient, scene: Scene) -> Customer:
    return crm.customers.update(scene.owner.id, name="Ada")


def _rename_unchanged(crm: InteractionsClient, scene: Scene) -> Customer:
    owner = scene.owner
    return crm.customers.update(owner.id, name="Ada", if_unchanged_since=owner.updated_at)


def _judge_renamed(scene: Scene, told: Told) -> None:
    """The customer has the new name, or the error allows for it; a second attempt succeeds."""
    customer = scene.crm.customers.get(scene.owner.id)
    landed = customer.name == "Ada"
    if told.error is None:
        assert customer == told.result
        assert landed, "told success, but nothing changed"
    else:
        assert not (told.nothing_landed and landed), "told that nothing landed, but it did"
        assert "Ada" == _rename(scene.crm, scene).name


def _to_reassign(scene: Scene) -> None:
    scene.add_customer()
    for number in range(3):
        scene.add_interaction(subject=f"Number {number}", next_action_date=days(1 + number))


def _reassign(crm: InteractionsClient, scene: Scene) -> Customer:
    return crm.customers.reassign(scene.owner.id, to=_other(scene))


def _other(scene: Scene) -> str:
    return f"{scene.user_id}-b"


def _judge_reassigned(scene: Scene, told: Told) -> None:
    """After a second attempt, everything belongs to the new user, and is audited once."""
    customer = scene.crm.customers.get(scene.owner.id)
    landed = customer.user_id == _other(scene)
    if told.error is None:
        assert told.result == customer
        assert landed, "told success, but nothing changed"
    else:
        assert not (told.nothing_landed and landed), "told that nothing landed, but it did"
        _reassign(scene.crm, scene)
    assert 3 == len(scene.rows())
    assert all(f'read("user:{_other(scene)}")' in row.permissions for row in scene.rows())
    assert not any(
        f'"user:{scene.user_id}"' in each for row in scene.rows() for each in row.permissions
    )
    entries = audit_entries(scene.crm, scene.owner.id)
    done = [f"customer.{action}" for action in ("reassigning", "reassigned")]
    assert done == [entry.action for entry in entries]
    scene.check_dates()


# Attachments


def _to_attach(scene: Scene) -> None:
    scene.add_customer()
    scene.add_interaction()


def _attach(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).attach(scene.target.id, b"offer", name="offer.pdf")


def _judge_attached(scene: Scene, told: Told) -> None:
    """The link and its file exist once, and no link has no file."""
    row = scene.row(scene.target.id)
    assert row is not None
    links = row.metadata.attachments if row.metadata else []
    if told.error is None:
        assert told.result == row
        assert 1 == len(links)
    else:
        assert not (told.nothing_landed and links), "told that nothing landed, but it did"
    for link in links:
        assert b"offer" == scene.repo.read_attachment(row.id, link)
    _attach(scene.crm, scene)
    [attachment] = scene.repo.list_attachments(row.id)
    assert ("offer.pdf", 5) == (attachment.name, attachment.size)
    assert scene.audited(row.id, "interaction.attached") == 1


def _to_detach(scene: Scene) -> None:
    _to_attach(scene)
    scene.subject = _attach(scene.crm, scene)


def _link(scene: Scene) -> str:
    assert scene.target.metadata is not None
    return scene.target.metadata.attachments[0]


def _detach(crm: InteractionsClient, scene: Scene) -> CustomerInteraction:
    return crm.as_user(scene.user_id).detach(scene.target.id, _link(scene))


def _judge_detached(scene: Scene, told: Told) -> None:
    """After a second attempt, neither link nor file exists."""
    row = scene.row(scene.target.id)
    assert row is not None
    assert row.metadata is not None
    if told.error is None:
        assert told.result == row
        assert [] == row.metadata.attachments
    else:
        assert not (told.nothing_landed and not row.metadata.attachments)
        _detach(scene.crm, scene)
    assert scene.audited(row.id, "interaction.detached") == 1
    # Attach the same file again: it would conflict with a remaining one with old permissions.
    _attach(scene.crm, scene)
    assert b"offer" == scene.repo.read_attachment(row.id, _link(scene))


def _read_attachment(crm: InteractionsClient, scene: Scene) -> object:
    return crm.as_user(scene.user_id).read_attachment(scene.target.id, _link(scene))


def _list_attachments(crm: InteractionsClient, scene: Scene) -> object:
    found = crm.as_user(scene.user_id).list_attachments(scene.target.id)
    return [(each.name, each.size) for each in found]


# Imports

_MAIL = "".join(
    f"From x\nFrom: Ada <ada@example.com>\nTo: us@acme.example\nSubject: Many {number}\n"
    f"Date: Fri, 1 May 2026 1{number}:00:00 +0200\nMessage-ID: <{number}@example.com>\n\nHello\n\n"
    for number in range(3)
)
_CALENDAR = (
    "BEGIN:VCALENDAR\n"
    + "".join(
        f"BEGIN:VEVENT\nUID:{number}\nDTSTART:2026050{number}T080000Z\nSUMMARY:Many {number}\n"
        "ORGANIZER:mailto:us@acme.example\nATTENDEE:mailto:ada@example.com\nEND:VEVENT\n"
        for number in range(1, 4)
    )
    + "END:VCALENDAR\n"
)
_CSV = "interaction_type,subject,occurred_at\n" + "".join(
    f"call,Many {number},2026-05-01T1{number}:00:00Z\n" for number in range(3)
)
_NEWER = _CALENDAR.replace("DTSTART", "SEQUENCE:1\nDESCRIPTION:Newer\nDTSTART")


def _import(kind: str, crm: InteractionsClient, scene: Scene, text: str = "") -> Any:
    with TemporaryDirectory() as folder:
        path = Path(folder, f"many.{kind}")
        repo = crm.as_user(scene.user_id)
        known: Any = {"own": "acme.example", "customers": {"ada@example.com": scene.owner.id}}
        if kind == "mbox":
            path.write_text(_MAIL)
            return repo.import_mail(path, **known)
        if kind == "ics":
            path.write_text(text or _CALENDAR)
            return repo.import_calendar(path, since="2026-01-01", **known)
        path.write_text(_CSV)
        return repo.import_csv(path)


def _update_from_calendar(crm: InteractionsClient, scene: Scene) -> object:
    return _import("ics", crm, scene, _NEWER)


def _to_update_from_calendar(scene: Scene) -> None:
    scene.add_customer()
    _import("ics", scene.crm, scene)


def _judge_import(
    repeat: Callable[[InteractionsClient, Scene], Any],
) -> Callable[[Scene, Told], None]:
    def judge(scene: Scene, told: Told) -> None:
        """In the end, each line is written once, as in an undisturbed run; the report is right."""
        there = len(scene.new_rows())
        if told.error is not None:
            assert not (told.nothing_landed and there), "told that nothing landed, but it did"
        else:
            _check_report(told.result, there)
        report = repeat(scene.crm, scene)
        _check_report(report, 3)
        rows = scene.new_rows()
        assert 3 == len({row.subject for row in rows}) == len(rows)
        audited = scene.audited_creates()
        assert all(audited[row.id] == expected_audits(scene) for row in rows)
        assert "Ada" not in {row.user_id for row in rows}
        settle_dates(scene, told)

    return judge


def _check_report(report: Any, there: int) -> None:
    if isinstance(report, ImportReport):
        assert 3 == report.lines == report.imported + report.refused
        assert there == report.imported
    else:
        assert 3 == report.read == report.matched + report.unmatched + report.refused
        assert there == report.matched == report.new + report.already_there + report.changed_since


def _judge_updated_from_calendar(scene: Scene, told: Told) -> None:
    """After a second run, each event has the newer version, once."""
    if told.error is None:
        assert isinstance(told.result, object)
        assert 3 == told.result.updated  # type: ignore[attr-defined]
    report = _import("ics", scene.crm, scene, _NEWER)
    assert 3 == report.matched == report.updated + report.already_there + report.changed_since
    assert {"Newer"} == {row.description for row in scene.rows()}
    assert 3 == len(scene.rows())
    for row in scene.rows():
        assert scene.audited(row.id, "interaction.updated") == 1
    settle_dates(scene, told)


# The audit log, and lists of customers


def _to_read(scene: Scene) -> None:
    scene.add_customer()
    scene.add_interaction(next_action_date=days(1))
    scene.repo.update(scene.target.id, subject="Other")
    scene.repo.follow_ups.complete(scene.target.id)


def _history(crm: InteractionsClient, scene: Scene) -> object:
    return [entry.action for entry in crm.as_user(scene.user_id).history(scene.target.id)]


def _audit(crm: InteractionsClient, scene: Scene) -> object:
    found = crm.audit.iterate(entity=scene.target.id, newest_first=False)
    return [entry.action for entry in found]


def _search(crm: InteractionsClient, scene: Scene) -> object:
    return [customer.id == scene.owner.id for customer in crm.customers.search(scene.user_id)]


def _judge_read(expected: object) -> Callable[[Scene, Told], None]:
    def judge(scene: Scene, told: Told) -> None:
        """The read returns everything or raises an error, and writes nothing."""
        assert told.error is not None or expected == told.result
        assert scene.new_rows() == []

    return judge


_ACTIONS = [f"interaction.{done}" for done in ("created", "updated", "completed")]

OTHER_OPERATIONS = [
    Operation("customers-update", _rename, _judge_renamed, _add_customer),
    Operation("customers-update-unchanged", _rename_unchanged, _judge_renamed, _add_customer),
    Operation("reassign", _reassign, _judge_reassigned, _to_reassign, OF_USERS),
    Operation("attach", _attach, _judge_attached, _to_attach, WITH_FILES),
    Operation("detach", _detach, _judge_detached, _to_detach, WITH_FILES),
    Operation("read-attachment", _read_attachment, _judge_read(b"offer"), _to_detach, WITH_FILES),
    Operation(
        "list-attachments",
        _list_attachments,
        _judge_read([("offer.pdf", 5)]),
        _to_detach,
        WITH_FILES,
    ),
    *(
        Operation(
            f"import-{kind}{mode}",
            run := partial(_import, kind),
            _judge_import(run),
            _add_customer,
            settings,
        )
        for kind in ("mbox", "ics", "csv")
        for mode, settings in {"": ATOMIC, "-fast": FAST, "-unaudited": UNAUDITED}.items()
    ),
    Operation(
        "update-from-calendar",
        _update_from_calendar,
        _judge_updated_from_calendar,
        _to_update_from_calendar,
    ),
    Operation("history", _history, _judge_read(_ACTIONS), _to_read),
    Operation("audit", _audit, _judge_read(_ACTIONS), _to_read),
    Operation("customers-search", _search, _judge_read([True]), _to_read),
]
