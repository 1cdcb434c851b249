"""A customer's interactions, newest first, grouped by day."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from interactions_sdk.errors import BadRequestError
from interactions_sdk.timeline.html import entity_link_url, timeline_document, timeline_fragment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, tzinfo

    from interactions_sdk.escaping.html import Html
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.timeline.html import EntityUrl

__all__ = ["Timeline", "TimelineDay", "validate_entity_url"]


class TimelineDay(NamedTuple):
    """A day in the timeline's zone.

    Attributes:
        date: The day.
        interactions: The interactions of the day, newest first.
    """

    date: date
    interactions: Sequence[CustomerInteraction]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Interactions of all types, newest first; notebooks display it as HTML.

    Attributes:
        interactions: The interactions, newest first.
        tz: The time zone of the days.
        is_truncated: Whether older interactions were left out, because of the limit.
        entity_url: The URL of related entities.
        customer_names: The names of customers, by ID; see `Customer.display_name`.
    """

    interactions: Sequence[CustomerInteraction]
    tz: tzinfo
    is_truncated: bool = False
    entity_url: EntityUrl | None = None
    customer_names: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def days(self) -> list[TimelineDay]:
        """The days with interactions, newest first."""
        by_day = groupby(self.interactions, lambda each: each.created_at.astimezone(self.tz).date())
        return [TimelineDay(day, list(interactions)) for day, interactions in by_day]

    @property
    def title(self) -> str:
        """The heading: the name of the customer, if it is one and has a name."""
        customers = {interaction.customer_id for interaction in self.interactions}
        name = self.customer_names.get(customers.pop()) if len(customers) == 1 else None
        return "Timeline" if name is None else f"Timeline of {name}"

    def to_html(self, title: str | None = None) -> str:
        """Return an HTML page without scripts that loads nothing and escapes all text.

        Args:
            title: The heading (default: `title`).

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     ada = crm.as_user("ada")
            ...     call = ada.log_call("<b>Renewal</b>")
            ...     page = ada.timeline(tz="Europe/Zurich").to_html("Ada")
            >>> "&lt;b&gt;Renewal&lt;/b&gt;" in page
            True
        """
        heading = self.title if title is None else title
        return str(timeline_document(self._fragment(heading), heading))

    def _repr_html_(self) -> str:
        return str(self._fragment(self.title))

    def _fragment(self, title: str) -> Html:
        return timeline_fragment(
            self.days,
            self.tz,
            title=title,
            entity_url=self.entity_url,
            is_truncated=self.is_truncated,
            customer_names=self.customer_names,
        )

    def __repr__(self) -> str:
        cut = ", cut" if self.is_truncated else ""
        return f"<Timeline of {len(self.interactions)} interactions, {self.tz}{cut}>"

    def __iter__(self) -> Iterator[CustomerInteraction]:
        return iter(self.interactions)

    def __len__(self) -> int:
        return len(self.interactions)


def validate_entity_url(entity_url: EntityUrl | None) -> None:
    """Reject a template with other placeholders than `{type}` and `{id}`, before anything is read.

    Raises:
        BadRequestError: It has other placeholders.
    """
    try:
        if isinstance(entity_url, str):
            entity_link_url(entity_url, "type", "id")
    except (LookupError, ValueError, AttributeError) as error:
        message = "entity_url takes {type} and {id}: 'https://erp.example/{type}/{id}'."
        raise BadRequestError(message) from error
