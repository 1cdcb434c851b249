"""The HTML of a timeline: text from rows is always escaped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions_sdk import CustomerInteraction, InteractionMetadata, InteractionType, Timeline
from interactions_sdk.escaping.html import escape_html, safe_url
from interactions_sdk.identifiers import readable_id

if TYPE_CHECKING:
    from interactions_sdk.timeline import EntityUrl

AT = datetime(2026, 8, 27, 14, 5, tzinfo=UTC)

VOID = {"meta", "br"}
ALLOWED = (
    {"html", "head", "title", "style", "body", "main", "section", "h2", "h3", "p", "ol", "li"}
    | {"details", "summary", "time", "span", "bdi", "svg", "path", "div", "dl", "dt", "dd", "a"}
    | VOID
)


class Page(HTMLParser):
    """Parses a page, and collects its elements, links and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element."""
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element, which must be the innermost one."""
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        """Record text."""
        if self.open and self.open[-1] != "style":
            self.text += data


def interaction(**fields: object) -> CustomerInteraction:
    """Return an interaction with the given fields."""
    known = {
        "id": "i1",
        "created_at": AT,
        "updated_at": AT,
        "customer_id": "c1",
        "user_id": "ada",
        "interaction_type": "call",
    }
    return CustomerInteraction.model_validate(known | fields)


def page(*interactions: CustomerInteraction, entity_url: EntityUrl | None = None) -> Page:
    """Return the parsed page of a timeline in Zurich."""
    timeline = Timeline(interactions, ZoneInfo("Europe/Zurich"), entity_url=entity_url)
    return Page(timeline.to_html())


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=60)
NASTY = st.sampled_from(
    ["<script>alert(1)</script>", "</style>", '" onclick="x', "&lt;", "]]>", "<!--", "{type}", "'"]
)


@pytest.mark.unmeasured
@given(text=TEXTS | NASTY)
def test_any_text_stays_text(text: str) -> None:
    """Text never opens or closes an element or attribute; only control characters are removed."""
    shown = page(
        interaction(
            subject="S" + text,
            description="D" + text,
            interaction_type="T" + text,
            outcome="O" + text,
            contact_method="M" + text,
            user_id="U" + text,
            next_action="N" + text,
            related_entity_type="E" + text,
            related_entity_id="I" + text,
            metadata=InteractionMetadata(
                location="L" + text,
                tags=["G" + text],
                participants=["P" + text],
                attachments=["A" + text],
                call_recording_url="R" + text,
                email_thread_id="H" + text,
            ),
        ),
        entity_url=lambda kind, id: f"{kind}/{id}",
    )

    assert [] == shown.open
    assert shown.elements <= ALLOWED
    assert not any(name.startswith("on") for name in shown.attributes)
    for letter in "SDNLGPARH":
        assert unescape(escape_html(letter + text)) in shown.text
    assert readable_id("U" + text) in shown.text


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://erp.example/a?b=1#c", True),
        ("http://erp.example", True),
        ("/invoices/1", True),
        ("invoices/1", True),
        ("//erp.example/1", True),
        ("", True),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)", False),
        ("java\tscript:alert(1)", False),
        ("\x01javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\x7fscript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
        ("mailto:ada@example.org", False),
        ("https://[bad", False),
    ],
)
def test_only_web_addresses_are_linked(url: str, *, is_safe: bool) -> None:
    """Other addresses are shown as text."""
    assert is_safe == safe_url(url)
    shown = page(interaction(metadata=InteractionMetadata(attachments=["x", url])))
    assert (["x", url] if is_safe and url else ["x"]) == [link for link in shown.links if link]
    assert unescape(escape_html(url)) in shown.text


def test_entities_are_linked_by_text_or_function() -> None:
    """Type and ID are escaped in a template; a function may return None."""
    about = interaction(related_entity_type="quote", related_entity_id="A/7 ä?")

    by_text = page(about, entity_url="https://erp.example/{type}?id={id}")
    assert ["https://erp.example/quote?id=A%2F7%20%C3%A4%3F"] == by_text.links
    assert ["/q/A/7 ä?".replace(" ", "+")] == page(
        about, entity_url=lambda kind, id: f"/{kind[0]}/{id}".replace(" ", "+")
    ).links
    assert [] == page(about, entity_url=lambda kind, id: None).links  # noqa: ARG005 - no link
    assert [] == page(about, entity_url="javascript:{id}").links
    assert [] == page(about).links
    assert "Quote A/7 ä?" in page(about).text


def test_half_an_entity_is_text() -> None:
    """Type and ID are shown without a link if one of them is missing."""
    for half in ({"related_entity_type": "quote"}, {"related_entity_id": "quote"}):
        shown = page(interaction(**half), entity_url="/{type}/{id}")
        assert ("Related toquote" in shown.text, []) == (True, shown.links)


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"subject": "Intro", "description": "Long"}, "Intro"),
        ({"subject": " ", "description": "What was said"}, "What was said"),
        ({"description": "word\n" * 50}, "word " * 15 + "…"),
        ({"description": "語" * 90}, "語" * 80 + "…"),
        ({}, "No subject"),
    ],
)
def test_an_entry_has_a_title(fields: dict[str, object], title: str) -> None:
    """The title is the subject or the beginning of the description."""
    assert title in page(interaction(**fields)).text


def test_the_type_and_how_it_went_are_told_in_words() -> None:
    """Type, direction, method and outcome are shown as words, without repetition."""
    call = interaction(contact_method="phone", duration=12, outcome="no_answer")
    assert "Call · Outbound · Phone · 12 min · No answer" in page(call).text
    email = interaction(interaction_type="email", contact_method="email", direction="inbound")
    assert "Email · Inbound" in page(email).text
    assert "Email · Inbound · Email" not in page(email).text
    assert "Outbound" not in page(interaction(interaction_type="note")).text
    assert "Interaction" in page(interaction(interaction_type="")).text
    for kind in [*InteractionType, "fax"]:
        shown = page(interaction(interaction_type=kind))
        assert "svg" in shown.elements
        assert kind.capitalize() in shown.text


def test_what_is_next_is_told_with_its_state() -> None:
    """The next action is shown as open or done, with or without a date and a text."""
    due = AT + timedelta(days=80)
    assert "Next: Call, due 15 November 2026, 15:05" in (
        page(interaction(next_action="Call", next_action_date=due)).text
    )
    done = interaction(next_action="Call", next_action_date=due, outcome="resolved")
    assert "Done: Call, was due 15 November 2026, 15:05" in page(done).text
    assert "Next: follow up, due" in page(interaction(next_action_date=due)).text
    assert "Next: Call" in page(interaction(next_action="Call")).text


def test_the_customer_is_named_where_there_are_several() -> None:
    """The customer is omitted if all interactions have the same one."""
    one, other = interaction(customer_id="c1"), interaction(customer_id="c2", id="i2")
    assert "Customer" not in page(one).text
    assert "Customerc2" in page(one, other).text


def test_metadata_that_is_no_json_is_shown_as_it_is() -> None:
    """Invalid metadata is shown as text."""
    assert "<x> not JSON" in page(interaction(metadata="<x> not JSON")).text


def test_the_page_tells_what_it_shows() -> None:
    """The heading has the number of interactions, their dates and the time zone."""
    old = interaction(id="i0", created_at=AT - timedelta(days=2))
    assert "1 interaction, 27 August 2026. Times in Europe/Zurich." in page(interaction()).text
    assert "2 interactions, 25 August 2026 to 27 August 2026." in page(interaction(), old).text
    assert "No interactions." in page().text
    assert "Thursday" in page(interaction()).text
