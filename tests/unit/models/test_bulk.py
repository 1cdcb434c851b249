"""Results of bulk writes, which create their items on access."""

from __future__ import annotations

import pickle
import sys

import pytest

from interactions_sdk import BulkError, BulkItem, BulkResult, ServerError
from interactions_sdk.models.bulk import CompactIdList

LONGEST = "a" * 36


def test_ids_are_a_sequence() -> None:
    """IDs can be iterated, indexed from either end, and sliced."""
    ids = CompactIdList(["a", None, LONGEST])

    assert ["a", None, LONGEST] == list(ids)
    assert (LONGEST, None) == (ids[-1], ids[1])
    assert [None, LONGEST] == ids[1:]
    assert [LONGEST, None, "a"] == ids[::-1]
    with pytest.raises(IndexError):
        ids[3]


def test_ids_are_compared_like_a_list() -> None:
    """The IDs are equal to a list or tuple with the same IDs, which helps in tests."""
    ids = CompactIdList(["a", None])

    assert ids == ["a", None]
    assert ids == ("a", None)
    assert ids == CompactIdList(["a", None])
    assert ids != CompactIdList(["a"])
    assert ids != ["a"]
    assert ids != "a"
    assert "CompactIdList(['a', None])" == repr(ids)


def test_ids_take_little_memory() -> None:
    """A thousand IDs need hardly more memory than their characters."""
    ids = CompactIdList([f"{number:036}" for number in range(1000)])

    assert sys.getsizeof(ids._bytes) < 36_000 * 1.2


def test_a_result_is_a_sequence_of_items() -> None:
    """Each item has the ID or the error at its position."""
    error = ServerError("down")
    result = BulkResult(["a", None, "c"], {1: error})

    assert BulkItem(1, None, error) == result[1]
    assert [BulkItem(0, "a"), BulkItem(1, None, error)] == result[:2]
    assert BulkItem(2, "c") == result[-1]
    assert list(result) == list(result.items)
    assert [BulkItem(1, None, error)] == result.failed
    with pytest.raises(IndexError):
        result[3]


def test_failures_come_in_input_order() -> None:
    """Failures are sorted, whatever order they occurred in."""
    result = BulkResult([None, None], {1: ServerError("b"), 0: ServerError("a")})

    assert [0, 1] == [item.index for item in result.failed]


def test_a_result_shows_itself_in_short() -> None:
    """The `repr` does not contain the IDs."""
    assert "<BulkResult: 2 drafts, 1 failed>" == repr(BulkResult(["a", None], {1: ServerError("")}))


def test_a_result_pickles() -> None:
    """The result and its `BulkError` can be pickled."""
    with pytest.raises(BulkError) as caught:
        BulkResult(CompactIdList(["a", None]), {1: ServerError("down")}).raise_for_failures()

    copied = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes

    assert ["a", None] == copied.result.ids
    assert "down" == str(copied.result[1].error)
