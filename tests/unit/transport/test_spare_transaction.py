"""When a transaction is begun ahead, and how long it is kept."""

from __future__ import annotations

from interactions_sdk.transport.spare_transaction import SpareTransaction


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_nothing_is_begun_ahead_for_a_single_create() -> None:
    """Nobody knows whether another create will follow."""
    assert not SpareTransaction().reserve()


def test_a_transaction_is_begun_ahead_if_creates_come_quickly() -> None:
    """Five seconds after the last commit, one is begun; later, none is."""
    clock = Clock()
    spare = SpareTransaction(clock)
    spare.reserve()
    clock.now += 5.0
    assert spare.reserve()
    spare.release()
    clock.now += 5.1
    assert not spare.reserve()


def test_at_most_one_transaction_is_begun_ahead() -> None:
    """None is begun while another one is being begun, or kept."""
    spare = SpareTransaction()
    spare.reserve()
    assert [True, False] == [spare.reserve(), spare.reserve()]
    spare.keep("t1")
    spare.release()
    assert not spare.reserve()
    assert "t1" == spare.take()
    assert spare.reserve()


def test_a_reservation_ends_if_no_transaction_could_be_begun() -> None:
    """The next commit tries again."""
    spare = SpareTransaction()
    spare.reserve()
    assert spare.reserve()
    spare.release()
    assert spare.take() is None
    assert spare.reserve()


def test_a_transaction_is_used_once_and_only_while_it_is_young() -> None:
    """After ten seconds, it is left to expire."""
    clock = Clock()
    spare = SpareTransaction(clock)
    spare.keep("t1")
    clock.now += 10.0
    assert ["t1", None] == [spare.take(), spare.take()]
    spare.keep("t2")
    clock.now += 10.1
    assert spare.take() is None
