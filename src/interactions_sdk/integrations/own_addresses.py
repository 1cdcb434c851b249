"""Your own addresses and domains, which separate what you sent from what you received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interactions_sdk.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["OwnAddresses"]


class OwnAddresses:
    """Your own addresses and domains; a domain includes its subdomains.

    Raises:
        BadRequestError: There is none.

    Example:
        >>> own = OwnAddresses(["acme.example", "ada@home.example"])
        >>> "bob@sales.acme.example" in own, "bob@home.example" in own
        (True, False)
    """

    def __init__(self, own: str | Iterable[str]) -> None:
        names = [own] if isinstance(own, str) else list(own)
        self._own = [name.strip().lower().removeprefix("@") for name in names if name.strip()]
        if not self._own:
            raise BadRequestError(
                "own= must name your own addresses or domains, which determine the direction."
            )

    def __contains__(self, address: str) -> bool:
        domain = address.rpartition("@")[2]
        return any(own in (address, domain) or domain.endswith(f".{own}") for own in self._own)
