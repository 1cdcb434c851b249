# Generated from src/interactions_sdk/_async/watching/realtime.py by scripts/unasync.py; do not edit.
"""Events from a websocket on which the acting user is authenticated."""

from __future__ import annotations

from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk.errors import APIError, InteractionsError, NotFoundError
from interactions_sdk.transport import retry
from interactions_sdk.transport.credentials import Credential
from interactions_sdk.transport.heartbeat import Heartbeat
from interactions_sdk.transport.secret_frames import SecretFrames
from interactions_sdk.wire.realtime import (
    PING,
    ConnectedMessage,
    ErrorMessage,
    parse_message,
    realtime_url,
)

if TYPE_CHECKING:
    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk._sync.watching.websocket import Websocket
    from interactions_sdk.concurrency import StopEvent
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.wire import Table
    from interactions_sdk.wire.realtime import Message

__all__ = ["Realtime", "RealtimeDisconnectedError", "RealtimeUnavailableError"]

_CONNECTED_SECONDS = 10.0


class RealtimeUnavailableError(Exception):
    """Events are not available, and retrying would not help; the message says why."""


class RealtimeDisconnectedError(Exception):
    """The websocket was lost; reconnecting may help."""


class Realtime:
    """The events of the rows that one user may read."""

    def __init__(
        self, connection: Connection, table: Table[CustomerInteraction], access: Access
    ) -> None:
        self._connection = connection
        self._table = table
        self._access = access
        self._websocket: Websocket | None = None
        self._heartbeat = Heartbeat(0.0)

    @property
    def is_open(self) -> bool:
        """Whether the websocket is open."""
        return self._websocket is not None

    @property
    def _user_label(self) -> str:
        return f"user {self._access.user_id!r}"

    def open(self, stopped: StopEvent) -> None:
        """Open the websocket, authenticated as the user.

        Raises:
            RealtimeUnavailableError: The user cannot be authenticated, or there is no websocket.
            RealtimeDisconnectedError: It could not be reached, or was lost again.
        """
        if not self._connection.uses_network:
            raise RealtimeUnavailableError("the client's transport has no websocket")
        if find_spec("websockets") is None:
            raise RealtimeUnavailableError(
                "websockets is missing: install interactions-sdk with the extra `realtime`"
            )
        credential = self._get_credential()
        if self._connect(credential, stopped):
            return
        renewed = self._refresh_credential(credential)
        if renewed is None or not self._connect(renewed, stopped):
            raise RealtimeUnavailableError(f"{self._user_label} could not sign in on the websocket")

    def _get_credential(self) -> Credential:
        """Return the user's credential; with an API key, a new JWT, which leaves nothing behind."""
        try:
            self._access.verify()  # returns the authenticated user
            if self._connection.is_user:
                return self._connection.get_credential()
            made = self._connection.send(wire.create_jwt(self._access.user_id))
        except NotFoundError:
            raise RealtimeUnavailableError(
                f"{self._user_label} does not exist in Appwrite"
            ) from None
        except InteractionsError as error:
            if retry.is_transient(error):
                raise RealtimeDisconnectedError from error
            raise RealtimeUnavailableError(
                f"no JWT can be created for {self._user_label} ({type(error).__name__}): the API "
                "key needs the scope users.write"
            ) from None
        return Credential("jwt", made.jwt)

    def _refresh_credential(self, refused: Credential) -> Credential | None:
        if not self._connection.is_user:
            return None
        return self._connection.refresh_credential(refused)

    def _connect(self, credential: Credential, stopped: StopEvent) -> bool:
        """Open the websocket, and return whether the user is authenticated on it."""
        from interactions_sdk._sync.watching.websocket import (  # noqa: PLC0415 - an extra, only if used
            HandshakeRefusedError,
            Websocket,
            WebsocketClosedError,
        )

        url = realtime_url(self._connection.endpoint, self._connection.project, self._table)
        try:
            with SecretFrames():
                websocket = Websocket.open(
                    url,
                    self._connection.handshake_headers(credential),
                    self._connection.ssl_context(),
                )
        except HandshakeRefusedError as refused:
            if _is_temporary(refused.status):
                raise RealtimeDisconnectedError from None
            raise RealtimeUnavailableError(
                f"the server refused the handshake of a websocket ({refused.status})"
            ) from None
        except WebsocketClosedError as lost:
            raise RealtimeDisconnectedError(str(lost)) from None
        self._websocket = websocket
        self._heartbeat = Heartbeat(monotonic())
        first = self.receive(_CONNECTED_SECONDS, stopped)
        if isinstance(first, ConnectedMessage) and first.user_id == self._access.user_id:
            return True
        self.close()
        if isinstance(first, (ConnectedMessage, ErrorMessage)):
            return False
        raise RealtimeDisconnectedError

    def receive(self, seconds: float, stopped: StopEvent) -> Message | None:
        """Return the server's next message; None if there is none within a number of seconds.

        Raises:
            RealtimeDisconnectedError: The websocket is closed, or does not respond.
        """
        from interactions_sdk._sync.watching.websocket import (  # noqa: PLC0415 - an extra, only if used
            WebsocketClosedError,
        )

        websocket = self._websocket
        now = monotonic()
        if websocket is None or self._heartbeat.timed_out(now):
            self.close()
            raise RealtimeDisconnectedError
        try:
            if self._heartbeat.ping_due(now):
                websocket.send(PING)
                self._heartbeat.record_ping()
            wait = min(seconds, self._heartbeat.seconds_left(now))
            text = websocket.receive(wait, stopped)
        except WebsocketClosedError as lost:
            self.close()
            raise RealtimeDisconnectedError(str(lost)) from None
        if text is None:
            return None
        self._heartbeat.record_message(monotonic())
        return parse_message(text, self._table)

    def close(self) -> None:
        """Close the websocket."""
        websocket, self._websocket = self._websocket, None
        if websocket is not None:
            websocket.close()


def _is_temporary(status: int | None) -> bool:
    """Return whether the same handshake may succeed later."""
    return status is not None and retry.is_transient(APIError("", status_code=status))
