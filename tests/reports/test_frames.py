"""Creating dataframes of interactions."""

from __future__ import annotations

import gc
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import polars as pl
import pytest

from interactions_sdk import reports
from interactions_sdk.models.enums import ContactMethod, Outcome
from interactions_sdk.reports import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from interactions_sdk.models.interaction import CustomerInteraction

    Make = Callable[..., CustomerInteraction]


def test_a_frame_has_the_columns_of_the_model(make: Make) -> None:
    """Every field is a column; times are UTC with milliseconds, and enum values are text."""
    interaction = make(
        "2026-05-04T12:00:00.123+02:00",
        permissions=['read("user:ada")', 'update("user:ada")'],
        contact_method=ContactMethod.PHONE,
        outcome=Outcome.SUCCESSFUL,
        duration=12,
        next_action_date=datetime(2026, 5, 5, tzinfo=UTC),
    )

    frame = reports.frame([interaction])

    assert reports.SCHEMA == frame.schema
    assert set(type(interaction).model_fields) <= set(frame.columns)
    row = frame.row(0, named=True)
    assert {
        "id": "i1",
        "created_at": datetime(2026, 5, 4, 10, 0, 0, 123_000, UTC),
        "permissions": ['read("user:ada")', 'update("user:ada")'],
        "contact_method": "phone",
        "direction": "outbound",
        "outcome": "successful",
        "duration": 12,
        "next_action_date": datetime(2026, 5, 5, tzinfo=UTC),
        "metadata": None,
    }.items() <= row.items()


def test_no_interactions_make_an_empty_frame() -> None:
    """A frame without rows has all columns and types."""
    assert pl.DataFrame(schema=reports.SCHEMA).equals(reports.frame([]))
    assert reports.SCHEMA == reports.frame(iter(())).schema


def test_values_that_the_document_does_not_name_are_kept(make: Make) -> None:
    """Unknown types, methods and outcomes are kept as text."""
    frame = reports.frame([make(interaction_type="fax", outcome="on_hold", contact_method="fax")])

    found = frame.select("interaction_type", "outcome", "contact_method").row(0)
    assert ("fax", "on_hold", "fax") == found


def test_metadata_is_its_json_text(make: Make) -> None:
    """The column contains the stored text, even if it is invalid."""
    said = make(metadata='{"tags":["vip"],"mine":1}')
    unreadable = make(metadata="not json")

    found = reports.frame([said, unreadable])["metadata"].to_list()

    assert ['{"tags":["vip"],"mine":1}', "not json"] == found


def _facts(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    names = ("follow_up_completed_at", "follow_up_first_due_at", "follow_up_snoozes")
    return frame.select(names).rows()


def test_facts_of_the_follow_up_are_columns(make: Make) -> None:
    """The follow-up data in the metadata is available in columns."""
    facts = {
        "completedAt": "2026-05-05T10:00:00.000+02:00",
        "firstDueAt": "2026-05-04T09:00:00",
        "snoozes": 2,
    }

    frame = reports.frame([make(metadata={"custom_fields": {"followUp": facts}})])

    completed = datetime(2026, 5, 5, 8, tzinfo=UTC)
    first_due = datetime(2026, 5, 4, 9, tzinfo=UTC)
    assert [(completed, first_due, 2)] == _facts(frame)


@pytest.mark.parametrize(
    "facts",
    [
        None,
        "soon",
        {},
        {"completedAt": None, "firstDueAt": 5, "snoozes": None},
        {"completedAt": "soon", "firstDueAt": "", "snoozes": "2"},
        {"completedAt": ["2026-05-05"], "firstDueAt": {}, "snoozes": True},
        {"snoozes": 2**80},
        {"snoozes": 1.5},
    ],
)
def test_facts_that_are_not_there_are_null(make: Make, facts: object) -> None:
    """Invalid times and numbers in the metadata become null."""
    frame = reports.frame([make(metadata={"custom_fields": {"followUp": facts}})])

    assert [(None, None, None)] == _facts(frame)


@pytest.mark.unmeasured
def test_only_some_interactions_are_held_at_once(make: Make) -> None:
    """Models are released chunk by chunk, so memory is limited."""
    alive: WeakSet[CustomerInteraction] = WeakSet()
    most = 0

    def many() -> Iterator[CustomerInteraction]:
        nonlocal most
        for _ in range(25_000):
            interaction = make()
            alive.add(interaction)
            most = max(most, len(alive))
            yield interaction

    gc.collect()
    frame = reports.frame(many())

    assert 25_000 == frame.height
    assert [f"i{number}" for number in range(1, 25_001)] == frame["id"].to_list()
    assert most < 20_100


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the progress at every step, however fast the machine is."""
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN", 0)


@pytest.mark.usefixtures("every_step")
def test_progress_is_one_line_in_a_log(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    """A log gets one line at the end, on stderr."""
    reports.frame([make() for _ in range(250)], progress=True)
    reports.frame([make(), make()], progress=True, total=2)

    expected = "250 interactions, 0 s\n2 of 2 interactions, 0 s\n"
    assert ("", expected) == capsys.readouterr()


def test_progress_says_how_far_it_came_when_reading_fails(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """The progress ends with a line break before the error is raised."""

    def failing() -> Iterator[CustomerInteraction]:
        yield from (make() for _ in range(120))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        reports.frame(failing(), progress=True)

    assert "100 interactions, 0 s\n" == capsys.readouterr().err


def _be_a_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))


@pytest.mark.usefixtures("every_step")
def test_progress_is_a_bar_in_a_terminal(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal shows a bar, or only numbers if the total is unknown."""
    _be_a_terminal(monkeypatch, columns=80)
    reports.frame([make() for _ in range(200)], progress=True, total=200)
    reports.frame([make()], progress=True)

    lines = capsys.readouterr().err.split("\r")
    assert "[############------------] 100 of 200 interactions, 0 s" == lines[1]
    assert "[########################] 200 of 200 interactions, 0 s\n" == lines[4]
    assert "1 interaction, 0 s\n" == lines[-1]


@pytest.mark.usefixtures("every_step")
def test_progress_keeps_to_one_line(
    make: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar fits a narrow terminal, and more interactions than expected are accepted."""
    _be_a_terminal(monkeypatch, columns=20)
    reports.frame([make(), make()], progress=True, total=1)

    assert "[##################" == capsys.readouterr().err.strip().split("\r")[-1]


class Kernel:
    """IPython with a kernel, as far as the progress uses it."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def get_ipython(self) -> SimpleNamespace:
        return SimpleNamespace(kernel=object())

    def display(self, looks: dict[str, str], *, raw: bool, display_id: bool) -> SimpleNamespace:
        assert (raw, display_id) == (True, True)
        self.shown.append(looks)
        return SimpleNamespace(update=self._update)

    def _update(self, looks: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(looks)


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize(
    ("total", "bar"), [(200, '<progress max="200" value="100"></progress> '), (None, "")]
)
def test_progress_is_a_bar_in_a_notebook(
    make: Make,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    total: int | None,
    bar: str,
) -> None:
    """A notebook shows HTML without extensions, with a text alternative."""
    kernel = Kernel()
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    monkeypatch.setitem(sys.modules, "IPython.display", kernel)

    reports.frame([make() for _ in range(200)], progress=True, total=total)

    says = "100 interactions, 0 s" if total is None else "100 of 200 interactions, 0 s"
    assert {"text/html": f"{bar}{says}", "text/plain": says} == kernel.shown[1]
    assert ("", "") == capsys.readouterr()


def test_nothing_is_shown_unless_asked(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    """By default, no progress is shown."""
    reports.frame([make()])

    assert ("", "") == capsys.readouterr()
