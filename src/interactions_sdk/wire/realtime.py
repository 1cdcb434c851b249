"""The websocket API (https://appwrite.io/docs/apis/realtime): URL, channels, messages.

It was recorded with Appwrite 1.9.6. An API key authenticates nobody there; a JWT or a session does,
as a header of the handshake.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlencode

from pydantic_core import from_json, to_json

if TYPE_CHECKING:
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.wire.call import Table

__all__ = [
    "PING",
    "ConnectedMessage",
    "ErrorMessage",
    "Message",
    "RowEvent",
    "parse_message",
    "realtime_url",
]

PING = '{"type":"ping"}'

RowAction = Literal["create", "update", "delete"]
_ACTIONS: tuple[RowAction, ...] = ("create", "update", "delete")


@dataclass(frozen=True, slots=True)
class ConnectedMessage:
    """The websocket is open.

    Attributes:
        user_id: The user who is signed in, if any.
    """

    user_id: str | None


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    """The server reports an error, and may close the websocket.

    Attributes:
        code: Appwrite's error code, such as 1008.
    """

    code: int


@dataclass(frozen=True, slots=True)
class RowEvent:
    """Something happened to a row.

    Attributes:
        action: The action; None if it is unknown, so polling is necessary.
        row: The row as it is, or as it was before it was deleted; None if it cannot be parsed.
        at: When.
    """

    action: RowAction | None = None
    row: CustomerInteraction | None = None
    at: datetime | None = None


Message = ConnectedMessage | ErrorMessage | RowEvent


def realtime_url(endpoint: str, project: str, table: Table[CustomerInteraction]) -> str:
    """Return the websocket's URL for the events of a table's rows.

    Example:
        >>> from interactions_sdk.models.interaction import CustomerInteraction
        >>> from interactions_sdk.wire.call import Table
        >>> realtime_url("https://host/v1", "crm", Table("d", "t", CustomerInteraction))
        'wss://host/v1/realtime?project=crm&channels%5B%5D=databases.d.tables.t.rows'
    """
    channel = f"databases.{table.database_id}.tables.{table.id}.rows"
    parameters = urlencode({"project": project, "channels[]": channel})
    return f"ws{endpoint.removeprefix('http')}/realtime?{parameters}"


def parse_message(text: str | bytes, table: Table[CustomerInteraction]) -> Message | None:
    """Parse a message of the server; None for a message without content, such as `pong`.

    Rows are parsed like those of a list.
    """
    try:
        message = from_json(text)
    except ValueError:
        return None
    match message:
        case {"type": "connected", "data": {"user": {"$id": str(user_id)}}}:
            return ConnectedMessage(user_id)
        case {"type": "connected"}:
            return ConnectedMessage(None)
        case {"type": "error", "data": {"code": int(code)}}:
            return ErrorMessage(code)
        case {"type": "event", "data": data} if isinstance(data, dict):
            return _read_event(cast("dict[str, Any]", data), table)
        case _:
            return None


def _read_event(data: dict[str, Any], table: Table[CustomerInteraction]) -> RowEvent:
    try:
        row = table.read_row(to_json(data["payload"]))
        name = f"databases.{table.database_id}.tables.{table.id}.rows.{row.id}"
        names = set(data["events"])
        at = datetime.fromisoformat(data["timestamp"])
    except (KeyError, TypeError, ValueError):
        return RowEvent()
    action: RowAction | None = next((each for each in _ACTIONS if f"{name}.{each}" in names), None)
    return RowEvent(action, row, at) if at.tzinfo is not None else RowEvent()
