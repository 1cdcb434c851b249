"""Idle connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from interactions_sdk.transport.idle_pool import IdlePool


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_what_was_used_last_is_used_first() -> None:
    """Older ones may expire in the meantime."""
    idle = IdlePool[str](seconds=30)
    assert [[], [], []] == [idle.release(each) for each in "abc"]
    assert ["c", "b", "a", None] == [idle.acquire() for _ in range(4)]


def test_what_waits_for_too_long_is_given_back() -> None:
    """Expired objects are returned to the caller, who closes them."""
    clock = Clock()
    idle = IdlePool[str](seconds=30, timer=clock)
    idle.release("a")
    clock.now += 10
    idle.release("b")
    clock.now += 20
    assert ["a"] == idle.release("c")
    clock.now += 30
    assert ["b", "c"] == idle.release("d")
    assert "d" == idle.acquire()


def test_nothing_waits_once_it_is_closed() -> None:
    """Objects that are returned later must be closed by the caller."""
    idle = IdlePool[str](seconds=30)
    idle.release("a")
    idle.release("b")
    assert ["a", "b"] == idle.close()
    assert ["c"] == idle.release("c")
    assert idle.acquire() is None
    assert [] == idle.close()


def test_threads_share_it() -> None:
    """No object is given to two threads, and none is lost."""
    idle = IdlePool[int](seconds=30)
    for number in range(8):
        idle.release(number)
    in_use: set[int] = set()

    def use(_: int) -> None:
        thing = idle.acquire()
        assert thing is not None
        assert thing not in in_use
        in_use.add(thing)
        in_use.remove(thing)
        idle.release(thing)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(2000)))
    assert list(range(8)) == sorted(idle.close())
