from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from interactions_sdk.models.enums import ContactMethod, Direction, InteractionType, Outcome

if TYPE_CHECKING:
    from enum import StrEnum

WORDS = {
    InteractionType: "call email meeting note task quote proposal contract support complaint"
    " feedback other",
    ContactMethod: "phone email in_person video_call chat social_media other",
    Direction: "inbound outbound",
    Outcome: "successful no_answer voicemail busy follow_up_required resolved escalated cancelled"
    " other",
}


@pytest.mark.parametrize(("kind", "words"), WORDS.items())
def test_the_values_are_the_document_s(kind: type[StrEnum], words: str) -> None:
    """The values and their order are those of the specification."""
    assert words.split() == [member.value for member in kind]


@pytest.mark.parametrize("kind", WORDS)
def test_names_are_the_values_in_capitals(kind: type[StrEnum]) -> None:
    """Each name is its value in upper case."""
    assert [member.name for member in kind] == [member.value.upper() for member in kind]
