"""One page of results, which can read the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, Self, TypeVar, overload

from pydantic import AliasGenerator, BaseModel, ConfigDict, computed_field
from pydantic.alias_generators import to_camel

from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

__all__ = ["AsyncPage", "BasePage", "Page"]

T = TypeVar("T")


class BasePage(BaseModel, Generic[T]):
    """The data that pages of both clients have in common.

    A page can read the next one over a connection, which is not part of the model. The function is
    kept in a slot, because pydantic ignores slots when it compares, copies, pickles and serializes.
    So a copy, or a page from JSON, has only the data.
    """

    __slots__ = ("_read_next",)

    model_config = ConfigDict(
        frozen=True,
        alias_generator=AliasGenerator(validation_alias=to_camel, serialization_alias=to_camel),
        validate_by_name=True,
        validate_by_alias=True,
    )

    items: tuple[T, ...]
    next_cursor: str | None = None
    total: int | None = None
    unverified: int = 0

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know decorated properties
    @property
    def has_more(self) -> bool:
        """Whether another page follows."""
        return self.next_cursor is not None

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.items[index]

    __reversed__ = None  # it would refer to this page only, unlike iteration

    def __repr__(self) -> str:
        name = type(self).__name__.partition("[")[0]
        items = f"{len(self)} item{'' if len(self) == 1 else 's'}"
        return f"<{name}: {items}, {'more follow' if self.has_more else 'the last ones'}>"

    __str__ = __repr__

    def _follow_with(self, read_next: object) -> Self:
        object.__setattr__(self, "_read_next", read_next)  # only the model is frozen
        return self

    def _read_following(self) -> Any:  # noqa: ANN401 - what the subclass was given
        try:
            return object.__getattribute__(self, "_read_next")
        except AttributeError:
            raise BadRequestError(
                "This page is a copy, or was read from JSON or a pickle, so it cannot read the "
                f"next pages. Use page.items, or find(..., after={self.next_cursor!r})."
            ) from None


class Page(BasePage[T], Generic[T]):
    """A page of items. A loop over it continues with the next pages, which are read as needed.

    `page.items`, `len(page)` and `page[0]` refer to this page only. A page is a frozen Pydantic
    model, so a web service can return it directly, with Python's names or, by alias, in camelCase;
    both can be read. A page that was copied, pickled or read from JSON cannot read the next pages.

    Attributes:
        items: The items of this page, in the requested order.
        next_cursor: Pass this as `after=` to get the next page; None on the last page.
        total: The total number; None unless it was requested.
        unverified: How many rows were ignored because they do not belong to the customer that they
            name; with `include_unverified=True`, how many of the items are such rows.

    Example:
        >>> page = Page[int].model_validate({"items": [1, 2], "nextCursor": None})
        >>> print(page, list(page))
        <Page: 2 items, the last ones> [1, 2]
    """

    def followed_by(self, read_next: Callable[[], Page[T]]) -> Self:
        """Let the page read the next one by this function, and return it."""
        return self._follow_with(read_next)

    def __iter__(self) -> Iterator[T]:  # type: ignore[override]  # pydantic yields names and values
        page = self
        yield from page.items
        while page.has_more:
            read_next: Callable[[], Page[T]] = page._read_following()
            page = read_next()
            yield from page.items


class AsyncPage(BasePage[T], Generic[T]):
    """A page of an asynchronous client: `Page`, with `async for` in place of `for`.

    Attributes:
        items: The items of this page, in the requested order.
        next_cursor: Pass this as `after=` to get the next page; None on the last page.
        total: The total number; None unless it was requested.
        unverified: As in `Page`.

    Example:
        >>> AsyncPage[int].model_validate({"items": [1, 2], "nextCursor": "c"})[0]
        1
    """

    def followed_by(self, read_next: Callable[[], Awaitable[AsyncPage[T]]]) -> Self:
        """Let the page read the next one by this function, and return it."""
        return self._follow_with(read_next)

    async def __aiter__(self) -> AsyncIterator[T]:
        page = self
        for item in page.items:
            yield item
        while page.has_more:
            read_next: Callable[[], Awaitable[AsyncPage[T]]] = page._read_following()
            page = await read_next()
            for item in page.items:
                yield item

    def __iter__(self) -> NoReturn:
        raise TypeError(
            "Use 'async for' to read this page and the next ones, or page.items for this one."
        )
