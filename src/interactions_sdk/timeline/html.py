"""A timeline as HTML without scripts: a list by day, with details that open on click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING
from urllib.parse import quote

from interactions_sdk.escaping.html import Html, element, joined, link, static_page
from interactions_sdk.identifiers import readable_id
from interactions_sdk.timeline.icons import icon
from interactions_sdk.timeline.style import PAGE_STYLE, ROOT_CLASS, RULES, STYLE

if TYPE_CHECKING:
    from interactions_sdk.models.interaction import CustomerInteraction

__all__ = ["Day", "EntityUrl", "entity_link_url", "timeline_document", "timeline_fragment"]

Day = tuple[date, Sequence["CustomerInteraction"]]
"""A date and what happened on it, newest first."""

EntityUrl = str | Callable[[str, str], str | None]
"""Where a related entity is found: a text such as `https://erp.example/{type}/{id}`, or a function
of its type and ID that returns a URL, or None for no link."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_TITLE_LENGTH = 80


def entity_link_url(entity_url: EntityUrl | None, kind: str, id: str) -> str | None:
    """Return the URL of a related entity, its type and ID escaped; None for no link.

    Example:
        >>> entity_link_url("https://erp.example/{type}/{id}", "invoice", "A/7")
        'https://erp.example/invoice/A%2F7'
    """
    if entity_url is None or callable(entity_url):
        return entity_url and entity_url(kind, id)
    return entity_url.format(type=quote(kind, safe=""), id=quote(id, safe=""))


def timeline_document(fragment: Html, title: str) -> Html:
    """Return a whole page with a timeline, which needs nothing else."""
    return static_page(element("main", fragment), title=title, style=PAGE_STYLE, styles=[RULES])


def timeline_fragment(
    days: Sequence[Day],
    zone: tzinfo,
    *,
    title: str,
    entity_url: EntityUrl | None,
    is_truncated: bool,
    customer_names: Mapping[str, str],
) -> Html:
    """Return a timeline as a fragment of a page, such as a notebook's output."""
    shown = [interaction for _, interactions in days for interaction in interactions]
    several = len({interaction.customer_id for interaction in shown}) > 1
    entries = _EntryRenderer(zone, entity_url, customer_names if several else None)
    return element(
        "section",
        STYLE,
        element("h2", title),
        element("p", _summary(days, len(shown), zone), class_="facts"),
        _truncation_note(len(shown)) if is_truncated else None,
        *(_day(day, interactions, entries) for day, interactions in days),
        class_=ROOT_CLASS,
        lang="en",
        aria_label=title,
    )


def _summary(days: Sequence[Day], count: int, zone: tzinfo) -> str:
    if not days:
        return "No interactions."
    first, last = days[-1][0], days[0][0]
    period = _date(last) if first == last else f"{_date(first)} to {_date(last)}"
    noun = "interaction" if count == 1 else "interactions"
    return f"{count} {noun}, {period}. Times in {zone}."


def _truncation_note(count: int) -> Html:
    text = f"These are the newest {count}. Older ones were left out; a higher limit shows more."
    return element("p", text, class_="note", role="note")


def _day(day: date, interactions: Sequence[CustomerInteraction], entries: _EntryRenderer) -> Html:
    heading = element("h3", _date(day), " ", element("span", _WEEKDAYS[day.weekday()]))
    items = (element("li", entries.entry(interaction)) for interaction in interactions)
    return element("section", heading, element("ol", *items), aria_label=_date(day))


def _date(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _humanize(value: str) -> str:
    """Return an enum's value as people write it.

    Example:
        >>> _humanize("no_answer")
        'No answer'
    """
    return value.replace("_", " ").capitalize()


class _EntryRenderer:
    """Renders the entries of one timeline."""

    def __init__(
        self, zone: tzinfo, entity_url: EntityUrl | None, customer_names: Mapping[str, str] | None
    ) -> None:
        self._zone = zone
        self._entity_url = entity_url
        self._customer_names = customer_names

    def entry(self, interaction: CustomerInteraction) -> Html:
        at = self._local(interaction.created_at)
        summary = element(
            "summary",
            element("time", f"{at:%H:%M}", datetime=at.isoformat(), class_="at"),
            element("span", icon(interaction.interaction_type), class_="mark"),
            element(
                "span",
                element("span", _title(interaction), class_="subject", dir="auto"),
                element("span", *_contact_details(interaction), class_="how"),
                self._next(interaction),
                class_="what",
            ),
            element("span", class_="turn", aria_hidden="true"),
        )
        return element("details", summary, self._details(interaction))

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone)

    def _timestamp(self, moment: datetime) -> Html:
        local = self._local(moment)
        return element("time", f"{_date(local)}, {local:%H:%M}", datetime=local.isoformat())

    def _next(self, interaction: CustomerInteraction) -> Html | None:
        """Return the next action and its due date, with its state in words."""
        due = interaction.next_action_date
        action = interaction.next_action
        if due is None and action is None:
            return None
        is_done = due is not None and not interaction.is_open_follow_up
        parts = [
            "Done: " if is_done else "Next: ",
            element("bdi", action or "follow up"),
            *((", was due " if is_done else ", due ", self._timestamp(due)) if due else ()),
        ]
        return element("span", *parts, class_="next done" if is_done else "next")

    def _details(self, interaction: CustomerInteraction) -> Html:
        facts = [
            joined(element("dt", name), element("dd", value, dir="auto"))
            for name, value in self._facts(interaction)
            if value
        ]
        text = interaction.description
        paragraph = element("div", text, class_="text", dir="auto") if text else None
        return element("div", paragraph, element("dl", *facts), class_="details")

    def _facts(self, interaction: CustomerInteraction) -> list[tuple[str, str | None]]:
        metadata = interaction.metadata
        facts: list[tuple[str, str | None]] = [
            ("Logged", self._logged(interaction)),
            ("Customer", self._customer(interaction)),
            ("Related to", self._entity(interaction)),
        ]
        if metadata is None:
            return facts
        recording = metadata.call_recording_url
        return [
            *facts,
            ("Location", metadata.location),
            ("Participants", ", ".join(metadata.participants)),
            ("Tags", ", ".join(metadata.tags)),
            ("Attachments", Html("<br>".join(link(url, url) for url in metadata.attachments))),
            ("Recording", recording and link(recording, recording)),
            ("Email thread", metadata.email_thread_id),
            ("Metadata", metadata.invalid_text),
        ]

    def _logged(self, interaction: CustomerInteraction) -> Html:
        by = element("bdi", readable_id(interaction.user_id))
        return joined(self._timestamp(interaction.created_at), " by ", by)

    def _customer(self, interaction: CustomerInteraction) -> str | None:
        if self._customer_names is None:  # all belong to one customer
            return None
        id = readable_id(interaction.customer_id)
        name = self._customer_names.get(interaction.customer_id, id)
        return id if name == id else f"{name} ({id})"

    def _entity(self, interaction: CustomerInteraction) -> Html | None:
        kind, id = interaction.related_entity_type, interaction.related_entity_id
        if not kind or not id:
            return joined(kind or id) or None
        return link(f"{_humanize(kind)} {id}", entity_link_url(self._entity_url, kind, id))


def _title(interaction: CustomerInteraction) -> str:
    """Return the subject, or a substitute."""
    if interaction.subject and interaction.subject.strip():
        return interaction.subject
    return _excerpt(interaction.description or "") or "No subject"


def _excerpt(text: str) -> str:
    """Return a text cut to the length of a title, if possible between words."""
    line = " ".join(text.split())
    if len(line) <= _TITLE_LENGTH:
        return line
    cut = line[:_TITLE_LENGTH]
    words = cut.rpartition(" ")[0]
    return f"{words} …" if len(words) > _TITLE_LENGTH / 2 else f"{cut}…"


def _contact_details(interaction: CustomerInteraction) -> list[str]:
    """Return the type and how it went, without repetition."""
    kind = _humanize(interaction.interaction_type)
    method = _humanize(interaction.contact_method or "")
    direction = _humanize(interaction.direction)
    details = [
        direction if method or direction != "Outbound" else None,
        method if method != kind else None,
        None if interaction.duration is None else f"{interaction.duration} min",
        _humanize(interaction.outcome or ""),
    ]
    return [
        element("span", kind or "Interaction", class_="kind"),
        *(f" · {detail}" for detail in details if detail),
    ]
