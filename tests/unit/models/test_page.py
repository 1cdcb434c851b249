from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from interactions_sdk import AsyncPage, BadRequestError, CustomerInteraction, Page

if TYPE_CHECKING:
    from collections.abc import Callable

INTERACTION = CustomerInteraction.model_validate(
    {"$id": "i1", "$createdAt": "2026-05-01T09:00:00Z", "$updatedAt": "2026-05-01T09:00:00Z"}
)

COPIES: dict[str, Callable[[Page[CustomerInteraction]], Page[CustomerInteraction]]] = {
    "pickle": lambda page: pickle.loads(pickle.dumps(page)),  # noqa: S301 - our own bytes
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "model_copy": lambda page: page.model_copy(),
    "JSON": lambda page: Page[CustomerInteraction].model_validate_json(page.model_dump_json()),
    "JSON in camelCase": lambda page: Page[CustomerInteraction].model_validate_json(
        page.model_dump_json(by_alias=True)
    ),
}


def two_pages() -> Page[CustomerInteraction]:
    """Return the first of two pages of one interaction each."""
    last = Page(items=(INTERACTION.model_copy(update={"id": "i2"}),))
    return Page(items=(INTERACTION,), next_cursor="c").followed_by(lambda: last)


def test_a_loop_goes_on_with_the_pages_that_follow() -> None:
    """Length, index and items refer to the first page; each loop starts there."""
    page = two_pages()

    assert ["i1", "i2"] == [each.id for each in page] == [each.id for each in page]
    assert ("i1", ("i1",)) == (page[0].id, tuple(each.id for each in page[:5]))
    assert (1, (INTERACTION,), True) == (len(page), page.items, page.has_more)
    with pytest.raises(IndexError):
        page[1]


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_is_equal_and_has_no_way_on(how: str) -> None:
    """A copy has the same data, but looping over it raises an error, since it cannot read on."""
    page = two_pages()

    twin = COPIES[how](page)

    assert (twin, hash(twin), twin.items) == (page, hash(page), page.items)
    with pytest.raises(BadRequestError, match=r"Use page.items, or find\(..., after='c'\)"):
        list(twin)


def test_a_copy_of_the_last_page_can_be_looped_over() -> None:
    """The last page needs no further pages."""
    page = pickle.loads(pickle.dumps(Page(items=("a", "b"))))  # noqa: S301 - our own bytes

    assert ["a", "b"] == list(page)
    assert (None, None, False) == (page.next_cursor, page.total, page.has_more)


def test_json_has_one_spelling_and_either_is_read() -> None:
    """JSON has Python's names or, by alias, those in camelCase; both can be read."""
    page = two_pages()
    python, camel = page.model_dump(mode="json"), page.model_dump(mode="json", by_alias=True)

    assert {"items", "next_cursor", "total", "unverified", "has_more"} == python.keys()
    assert {"items", "nextCursor", "total", "unverified", "hasMore"} == camel.keys()
    assert ("i1", "i1") == (python["items"][0]["id"], camel["items"][0]["$id"])
    for told in (python, camel):
        assert page == Page[CustomerInteraction].model_validate(told)


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        (Page[str](items=()), "<Page: 0 items, the last ones>"),
        (Page[str](items=("a",), next_cursor="c"), "<Page: 1 item, more follow>"),
        (AsyncPage[str](items=("a", "b")), "<AsyncPage: 2 items, the last ones>"),
    ],
)
def test_a_page_is_shown_in_short(page: Page[str] | AsyncPage[str], shown: str) -> None:
    """The `repr` contains nothing from the interactions."""
    assert shown == repr(page) == str(page)


def test_a_page_of_the_asynchronous_client_refuses_for() -> None:
    """A plain `for` loop cannot read the next page, so it raises an error."""
    page: Any = AsyncPage(items=("a",))

    with pytest.raises(TypeError, match="Use 'async for'"):
        list(page)


def test_a_page_is_not_reversed() -> None:
    """`reversed()` raises an error, since it would apply only to the first page."""
    page: Any = two_pages()

    with pytest.raises(TypeError, match="not reversible"):
        reversed(page)
