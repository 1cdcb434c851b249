"""The changes that `watch()` yields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["Change", "ChangeKind"]

ChangeKind = Literal["created", "updated", "deleted"]


@dataclass(frozen=True, slots=True)
class Change:
    """An interaction that was created, updated or deleted.

    Attributes:
        kind: What happened to it. Several changes between two polls are reported as one: a new
            interaction that was then changed is `created`.
        interaction: The interaction as it is now. For a deletion that the websocket reported, its
            last state; for other deletions, only what the audit row contains: ID and customer and,
            if this library wrote it, type, user, method, direction, outcome and times.
        at: When it happened, by the server's clock: its `updated_at`, or when it was deleted.
        cursor: Pass this as `since=` to resume after this change in another run, which may repeat
            the changes of the last seconds.
    """

    kind: ChangeKind
    interaction: CustomerInteraction
    at: datetime
    cursor: str
