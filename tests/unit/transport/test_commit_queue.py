"""Who commits, who waits, and whose operations a leader takes along."""

from __future__ import annotations

from interactions_sdk import CustomerInteraction
from interactions_sdk.rules.operations import Operation
from interactions_sdk.transport.commit_queue import CommitQueue, Submission


class Caller(Submission[CustomerInteraction]):
    """A caller that counts how often it is woken up."""

    def __init__(self, row_id: str, operations: int = 2) -> None:
        self.woken = 0
        super().__init__([Operation("delete", "rows", row_id)] * operations, row_id, self.wake)

    def wake(self) -> None:
        """Count a call."""
        self.woken += 1


def make_queue(max_leaders: int = 1, max_operations: int = 100) -> CommitQueue[CustomerInteraction]:
    """Return an empty queue."""
    return CommitQueue(max_leaders=max_leaders, max_operations=max_operations)


def test_the_first_callers_lead_and_the_others_wait() -> None:
    """As many callers lead at once as the queue allows, and nobody has to be woken up for that."""
    queue = make_queue(max_leaders=2)
    callers = [Caller(row_id) for row_id in "abcd"]
    for caller in callers:
        queue.join(caller)
    assert [True, True, False, False] == [caller.leads for caller in callers]
    assert [0, 0, 0, 0] == [caller.woken for caller in callers]


def test_whoever_has_waited_longest_leads_next_and_takes_the_others_along() -> None:
    """The followers do not lead, and are woken up only by their leader."""
    queue = make_queue()
    first, second, third, fourth = (Caller(row_id) for row_id in "abcd")
    for caller in (first, second, third, fourth):
        queue.join(caller)
    queue.leave()
    assert (True, 1) == (second.leads, second.woken)
    assert [third, fourth] == queue.take_followers(second)
    assert [(False, 0)] * 2 == [(caller.leads, caller.woken) for caller in (third, fourth)]


def test_a_leader_takes_only_what_fits_its_transaction() -> None:
    """Those whose operations do not fit keep their order, and the next one leads."""
    queue = make_queue(max_operations=6)
    first, second, third, fourth = (Caller(row_id) for row_id in "abcd")
    for caller in (first, second, third, fourth):
        queue.join(caller)
    assert [second, third] == queue.take_followers(first)
    queue.leave()
    assert fourth.leads


def test_a_turn_that_nobody_waits_for_is_free_again() -> None:
    """The next caller leads without waiting."""
    queue = make_queue()
    first, second = Caller("a"), Caller("b")
    queue.join(first)
    queue.leave()
    queue.join(second)
    assert second.leads


def test_an_interrupted_caller_is_forgotten() -> None:
    """It is neither taken along nor made a leader."""
    queue = make_queue()
    first, second, third = (Caller(row_id) for row_id in "abc")
    for caller in (first, second, third):
        queue.join(caller)
    queue.withdraw(second)
    assert [third] == queue.take_followers(first)
    assert not second.leads


def test_an_interrupted_caller_that_leads_by_now_hands_its_turn_on() -> None:
    """It was made a leader, but interrupted before it woke up."""
    queue = make_queue()
    first, second, third = (Caller(row_id) for row_id in "abc")
    for caller in (first, second, third):
        queue.join(caller)
    queue.leave()
    queue.withdraw(second)
    assert (True, 1) == (third.leads, third.woken)


def test_an_interrupted_follower_changes_nothing() -> None:
    """Its leader commits its operations anyway."""
    queue = make_queue()
    first, second, third = (Caller(row_id) for row_id in "abc")
    for caller in (first, second):
        queue.join(caller)
    queue.take_followers(first)
    queue.withdraw(second)
    queue.join(third)
    assert not third.leads
