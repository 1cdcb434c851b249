"""The library's messages in the words of the command line: options, commands and variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["in_cli_words", "option_for"]

_LOG = {
    "interaction_type": "TYPE",
    "subject": "SUBJECT",
    "description": "DESCRIPTION",
    "contact_method": "--method",
    "next_action": "--next",
    "next_action_date": "--due",
    "occurred_at": "--at",
    "related_entity_type": "--about",
    "related_entity_id": "--about",
    "metadata": "--location, --participant and --tag",
    "customer_id": "--customer",
    "idempotency_key": "--key",
    "recurrence": "--repeat",
    "recurrence_tz": "--tz",
}
_UPDATE = _LOG | {
    "interaction_type": "--type",
    "subject": "--subject",
    "description": "--description",
}
_OPTIONS = {
    "log": _LOG,
    "update": _UPDATE,
    "follow-ups": _UPDATE | {"next_action_date": "--until"},
}
"""The options for the fields of a draft, by command."""


def _variable(found: re.Match[str]) -> str:
    return f"INTERACTIONS_{found['name'].upper()}"


def _variable_with_value(found: re.Match[str]) -> str:
    return f"{_variable(found)}={found['value'].lower()}"


_REPLACEMENTS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"`?crm\.schema\.apply\(\)`? or (`interactions schema apply`)", r"\1"),
    (
        r"`?crm\.schema\.apply\(user_sessions=True\)`?",
        "`interactions schema apply --user-sessions`",
    ),
    (r"`?crm\.schema\.(apply|check)\(\)`?", r"`interactions schema \1`"),
    (r"`?crm\.schema\.audit_ownership\(\)`?", "`interactions schema audit-ownership`"),
    (r"`?crm\.customers\.reconcile\([^)]*\)`?", "`interactions reconcile`"),
    (
        r"Settings\((?P<name>\w+)=(?P<value>\w+)\)(?: \(INTERACTIONS_\w+=\w+\))?",
        _variable_with_value,
    ),
    (r"Settings\.(?P<name>\w+)", _variable),
    (
        r"Read it with customers\.get_by_user_id\(\), or use customers\.ensure\(\)\.",
        "`interactions customers show --user` shows it.",
    ),
    (r", as in customers\.ensure\([^)]*\)", " (--name, --email, --phone and --set COLUMN=TEXT)"),
    (r"InteractionsClient\.embedded\(\)", "--embedded FILE"),
    (r"Say which it is: .* On the command line that is ", "Say which it is: "),
    (r"^since must not be later than until\b", "--since must not be later than --until"),
    (r"^Invalid since: .*", "Invalid --cursor: pass the cursor of a change that `watch` printed."),
    (r"\bencoding=", "--encoding"),
    (r"^rejects= ", "--rejects "),
    (r"^preset= ", "--preset "),
    (r"Map the columns yourself, with columns=\.$", "Map the columns yourself, with --column."),
    (r"\bnext_action_date\b", "due date"),
)


def in_cli_words(message: str) -> str:
    """Return a message with the options and commands of the command line.

    Example:
        >>> in_cli_words("Set Settings(verify_users=False), or run crm.schema.apply().")
        'Set INTERACTIONS_VERIFY_USERS=false, or run `interactions schema apply`.'
    """
    for pattern, replacement in _REPLACEMENTS:
        message = re.sub(pattern, replacement, message)
    return message


def option_for(field: str, command: str) -> str:
    """Return the option of a command, such as `log`, for a field of a draft.

    Example:
        >>> option_for("next_action_date", "log"), option_for("duration", "log")
        ('--due', '--duration')
    """
    options = _OPTIONS.get(command)
    return field if options is None else options.get(field, f"--{field.replace('_', '-')}")
