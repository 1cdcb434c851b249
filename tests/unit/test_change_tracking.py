"""Finding changes: none is missed or reported twice, and memory is limited."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk.change_tracking import (
    CLOCK_RESOLUTION,
    SCAN_OVERLAP,
    KnownRows,
    PollInterval,
    SeenChanges,
    ServerClock,
    Watermark,
)
from interactions_sdk.datetimes import MIN_DATETIME

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LAG = int(SCAN_OVERLAP.total_seconds() * 1000)


@dataclass(frozen=True)
class Write:
    """A write: its row, its server time, and the delay until it is visible."""

    row: str
    at: int
    lag: int

    @property
    def time(self) -> datetime:
        """The time in the row."""
        return NOON + timedelta(milliseconds=self.at)


@dataclass
class Watcher:
    """Polls a table that is a list of writes.

    Args:
        writes: All writes, including future ones.
        page_size: The number of rows that are read at the same moment.
    """

    writes: list[Write]
    page_size: int
    settled: datetime = MIN_DATETIME
    shown: list[tuple[str, datetime]] = field(default_factory=list[tuple[str, datetime]])
    cursors: list[datetime] = field(default_factory=list[datetime])

    def __post_init__(self) -> None:
        """Start at the cursor."""
        self.clock = ServerClock()
        self.watermark = Watermark(self.clock, self.settled)
        self.seen = SeenChanges()

    def visible(self, moment: int) -> list[tuple[datetime, str]]:
        """Return the rows that are visible at a moment, by time and ID."""
        there: dict[str, datetime] = {}
        for write in self.writes:
            if write.at + write.lag <= moment:
                there[write.row] = max(there.get(write.row, MIN_DATETIME), write.time)
        return sorted((time, row) for row, time in there.items())

    def look(self, moment: int, page_takes: int) -> int:
        """Read page by page, each a moment later, and return the time of the end."""
        self.watermark.start_scan(now=moment / 1000)
        after = (self.watermark.settled, "~")
        while True:
            page = [place for place in self.visible(moment) if place > after][: self.page_size]
            for time, row in page:
                self.clock.observe(time, now=moment / 1000, present=NOON + timedelta(days=9))
                if self.seen.is_new(row, time):
                    self.shown.append((row, time))
                    self.cursors.append(self.watermark.safe_position(time))
            moment += page_takes
            if len(page) < self.page_size or self.watermark.covers(page[-1][0]):
                break
            after = page[-1]
        self.watermark.finish_scan()
        self.seen.prune(self.watermark.settled)
        return moment


writes = st.lists(
    st.builds(Write, st.sampled_from("abcdef"), st.integers(0, 60_000), st.integers(0, LAG)),
    max_size=40,
)
pauses = st.lists(st.integers(1, 15_000), min_size=1, max_size=20)


@pytest.mark.unmeasured
@given(writes, pauses, st.integers(1, 5), st.integers(0, 3_000), st.integers(0, 10_000))
def test_nothing_is_missed_and_nothing_is_shown_twice(
    written: list[Write], waits: list[int], page_size: int, page_takes: int, first: int
) -> None:
    """No change is missed or repeated, for any polling times, page durations and delays."""
    watcher = Watcher(written, page_size)
    moment = first
    for wait in waits:
        moment = watcher.look(moment, page_takes) + wait
    for _ in range(3):  # the first one may end early
        moment = watcher.look(moment + 80_000, page_takes)

    assert len(set(watcher.shown)) == len(watcher.shown)
    latest = {row: time for time, row in watcher.visible(moment + 80_000)}
    shown: dict[str, list[datetime]] = {}
    for row, time in watcher.shown:
        shown.setdefault(row, []).append(time)
    assert latest == {row: times[-1] for row, times in shown.items()}
    assert all(sorted(times) == times for times in shown.values())


@pytest.mark.unmeasured
@given(writes, pauses, st.integers(1, 5), st.integers(0, 3_000), st.data())
def test_a_restart_from_any_cursor_misses_nothing(
    written: list[Write], waits: list[int], page_size: int, page_takes: int, data: st.DataObject
) -> None:
    """The changes before the cursor and those of the second run are all changes."""
    watcher = Watcher(written, page_size)
    moment = 0
    for wait in waits:
        moment = watcher.look(moment, page_takes) + wait
    stop = data.draw(st.integers(0, len(watcher.cursors)))
    begin = watcher.cursors[stop - 1] if stop else MIN_DATETIME
    again = Watcher(written, page_size, settled=begin)
    for _ in range(3):
        moment = again.look(moment + 80_000, page_takes)

    both = {*watcher.shown[:stop], *again.shown}
    assert {(row, time) for time, row in watcher.visible(moment + 80_000)} <= both


def test_what_is_settled_is_not_remembered() -> None:
    """A poll without changes after the overlap forgets everything before it."""
    watcher = Watcher([Write(f"row{number}", number, 0) for number in range(50)], 100)
    watcher.look(1_000, 1)
    assert (50, MIN_DATETIME) == (len(watcher.seen), watcher.watermark.settled)

    watcher.look(2_000 + LAG, 1)
    assert (0, NOON + 49 * CLOCK_RESOLUTION) == (len(watcher.seen), watcher.watermark.settled)


def test_time_alone_settles_no_more_than_was_seen() -> None:
    """A fast client clock skips nothing, even after a day without changes."""
    watcher = Watcher([Write("a", 0, 0)], 10)
    watcher.look(0, 1)
    watcher.look(86_400_000, 1)
    assert watcher.watermark.settled == NOON


def test_a_look_ends_where_others_write_on() -> None:
    """Rows written during a scan belong to the next one, which limits memory."""
    clock = ServerClock()
    watermark = Watermark(clock, NOON - 60 * SECOND)
    watermark.start_scan(now=100.0)
    assert [False, True] == [watermark.covers(NOON - n * SECOND) for n in (60, 59)]
    clock.observe(NOON, now=100.0, present=NOON)
    watermark.start_scan(now=105.0)
    assert [False, True] == [watermark.covers(NOON + n * SECOND) for n in (5, 6)]


def test_a_time_far_ahead_tells_nothing() -> None:
    """A row dated far in the future does not make the watch skip other rows."""
    clock = ServerClock()
    assert not clock.observe(NOON + timedelta(days=400), now=1.0, present=NOON)
    assert clock.observe(NOON + SECOND, now=2.0, present=NOON)
    assert (NOON + SECOND, NOON + SECOND) == (clock.latest, clock.settled_until(100.0))


def test_the_clock_goes_on_between_rows() -> None:
    """The last time read and the seconds since determine what must be visible."""
    clock = ServerClock()
    assert clock.settled_until(0.0) == MIN_DATETIME
    clock.observe(NOON, now=10.0, present=NOON)
    assert NOON - 7 * SECOND == clock.settled_until(13.0)
    clock.observe(NOON - 60 * SECOND, now=14.0, present=NOON)
    assert NOON - 6 * SECOND == clock.settled_until(14.0)
    assert NOON == clock.settled_until(1000.0)


def test_a_cursor_is_never_behind_the_beginning() -> None:
    """A cursor is neither before the start nor after the time up to which rows are visible."""
    clock = ServerClock()
    clock.observe(NOON, now=0.0, present=NOON)
    watermark = Watermark(clock, NOON - 3600 * SECOND)
    watermark.start_scan(now=0.0)
    assert NOON - 3600 * SECOND == watermark.safe_position(NOON - 7200 * SECOND)
    assert NOON - 60 * SECOND - CLOCK_RESOLUTION == watermark.safe_position(NOON - 60 * SECOND)
    assert NOON - SCAN_OVERLAP == watermark.safe_position(NOON)


@pytest.mark.parametrize(
    ("sights", "expected"),
    [
        ([("state", 1), ("state", 1)], [True, False]),
        ([("state", 2), ("state", 1)], [True, False]),
        ([("state", 1), ("deletion", 2), ("deletion", 3)], [True, True, False]),
        ([("deletion", 2), ("state", 1), ("state", 3)], [True, False, True]),
        ([("state", 3), ("deletion", 2)], [True, False]),
        ([("deletion", 2), ("state", 3), ("deletion", 4)], [True, True, True]),
        ([("deletion", 2), ("state", 2), ("state", 2)], [True, True, False]),  # created again
    ],
)
def test_states_of_one_row_come_in_order(
    sights: list[tuple[str, int]], expected: list[bool]
) -> None:
    """Older states are ignored, however they are received."""
    seen = SeenChanges()
    admitted = [
        (seen.is_new if what == "state" else seen.is_new_deletion)("a", NOON + when * SECOND)
        for what, when in sights
    ]
    assert expected == admitted


def test_what_was_seen_last() -> None:
    """Only a row that exists has a time."""
    seen = SeenChanges()
    seen.is_new("a", NOON)
    seen.is_new("b", NOON + SECOND)
    seen.is_new_deletion("b", NOON + 2 * SECOND)
    assert [NOON, None, None] == [seen.latest_for(row_id) for row_id in "abc"]
    seen.prune(NOON)
    assert [None, 1] == [seen.latest_for("a"), len(seen)]


@given(st.floats(0.01, 10), st.floats(0.01, 100), st.lists(st.booleans(), max_size=50))
def test_pauses_stay_within_their_bounds(
    shortest: float, longest: float, looks: list[bool]
) -> None:
    """Pauses are never shorter than the interval, and never longer than the maximum."""
    interval = PollInterval(shortest, longest)
    for found in looks:
        pause = interval.next(found=found)
        assert shortest <= pause <= max(shortest, longest)
        if found:
            assert shortest == pause


def test_an_idle_pace_comes_to_its_longest() -> None:
    """Without changes, the interval grows to its maximum; one change resets it."""
    interval = PollInterval(1.0, 5.0)
    assert 5.0 == [interval.next(found=False) for _ in range(10)][-1]
    assert 1.0 == interval.next(found=True)


def test_known_rows_have_a_limit() -> None:
    """The oldest is forgotten first; IDs ignore case, and customers are compared."""
    known = KnownRows(size=2)
    for row_id in ("A", "b", "B", "c"):
        known.add(row_id, "c1")

    assert [False, True, True] == [known.has(row_id, "c1") for row_id in ("a", "b", "C")]
    assert not known.has("b", "c2")
