"""The people who use the desk."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

from interactions_sdk.calendars import get_timezone
from interactions_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from interactions_sdk import AsyncInteractionRepository, AsyncInteractionsClient

__all__ = ["Admin", "Identify", "Person", "User", "identified"]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who is signed in.

    Attributes:
        id: The user ID, on whose behalf rows are read and written.
        name: The name to show (default: the ID).
        tz: Their time zone, such as `Europe/Zurich` (default: the one they choose in the desk, or
            `Settings.time_zone`).
    """

    id: str
    name: str | None = None
    tz: str | None = None

    def __post_init__(self) -> None:
        get_timezone(self.tz)

    @property
    def is_admin(self) -> bool:
        """Whether they see all customers."""
        return isinstance(self, Admin)

    def repository(self, crm: AsyncInteractionsClient) -> AsyncInteractionRepository:
        """Return the interactions that they can see."""
        return crm.as_admin(self.id) if self.is_admin else crm.as_user(self.id)


@dataclass(frozen=True, slots=True)
class User(Person):
    """A self-service user, who sees only their own customer record.

    Example:
        >>> User("ada", tz="Europe/Zurich").is_admin
        False
    """


@dataclass(frozen=True, slots=True)
class Admin(Person):
    """Someone who works with all customers.

    Example:
        >>> Admin("root", name="Grace Hopper").is_admin
        True
    """


Identify = Callable[[Request], Person | Awaitable[Person | None] | None]
"""Your login: a function, asynchronous or not, that returns the `User` or `Admin` who sent a
request, or None for nobody."""


async def identified(identify: Identify, request: Request) -> Person | None:
    """Return who sent a request.

    Raises:
        ConfigurationError: The function returned something else.
    """
    result = identify(request)
    person = await result if inspect.isawaitable(result) else result
    if person is not None and not isinstance(person, User | Admin):
        raise ConfigurationError("identify must return a User, an Admin or None.")
    return person
