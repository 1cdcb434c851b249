# Generated from src/interactions_sdk/_async/watching/realtime.py by scripts/unasync.py; do not edit.
"""Events as they happen, on a websocket on which the acting user is signed in."""

from __future__ import annotations

from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING

from interactions_sdk import wire
from interactions_sdk.errors import APIError, InteractionsError, NotFoundError
from interactions_sdk.pacing import Heartbeat
from interactions_sdk.transport import retry
from interactions_sdk.transport.credentials import SignIn
from interactions_sdk.transport.secret_frames import SecretFrames
from interactions_sdk.wire.realtime import PING, Connected, Refused, address, read_message

if TYPE_CHECKING:
    from interactions_sdk._sync.access.access import Access
    from interactions_sdk._sync.connection.connection import Connection
    from interactions_sdk._sync.watching.websocket import Websocket
    from interactions_sdk.concurrency import Signal
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.wire import Table
    from interactions_sdk.wire.realtime import Message

__all__ = ["Realtime", "NoRealtimeError", "RealtimeLostError"]

_CONNECTED_SECONDS = 10.0


class NoRealtimeError(Exception):
    """There are no events to be had, and trying again would not help; the message says why."""


class RealtimeLostError(Exception):
    """The websocket is gone; another one may be had."""


class Realtime:
    """The events of the rows that one user may read.

    Args:
        connection: The connection, whose endpoint and sign-in count.
        table: The table of interactions.
        access: Who acts.
    """

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
        """Whether events come."""
        return self._websocket is not None

    @property
    def _who(self) -> str:
        return f"user {self._access.user_id!r}"

    def open(self, stopped: Signal) -> None:
        """Open the websocket, with the user signed in.

        Raises:
            NoRealtimeError: The user cannot be signed in, or nobody speaks on a websocket there.
            RealtimeLostError: It could not be reached, or went away again.
        """
        if not self._connection.is_on_sockets:
            raise NoRealtimeError("the client's transport has no websocket")
        if find_spec("websockets") is None:
            raise NoRealtimeError(
                "websockets is not installed: pip install 'interactions-sdk[realtime]'"
            )
        sign_in = self._sign_in()
        if self._connect(sign_in, stopped):
            return
        renewed = self._renewed(sign_in)
        if renewed is None or not self._connect(renewed, stopped):
            raise NoRealtimeError(f"{self._who} could not sign in on the websocket")

    def _sign_in(self) -> SignIn:
        """Return what the user signs in with: with a key, a JWT, which leaves nothing behind."""
        try:
            self._access.verify()  # it tells who is signed in
            if self._connection.is_user:
                return self._connection.sign_in()
            made = self._connection.send(wire.create_jwt(self._access.user_id))
        except NotFoundError:
            raise NoRealtimeError(f"{self._who} does not exist in Appwrite") from None
        except InteractionsError as error:
            if retry.is_transient(error):
                raise RealtimeLostError from error
            raise NoRealtimeError(
                f"no JWT can be made for {self._who} ({type(error).__name__}): the API key needs "
                "the scope users.write"
            ) from None
        return SignIn("jwt", made.jwt)

    def _renewed(self, refused: SignIn) -> SignIn | None:
        if not self._connection.is_user:
            return None
        return self._connection.renew_sign_in(refused)

    def _connect(self, sign_in: SignIn, stopped: Signal) -> bool:
        """Open the websocket, and tell whether the user is signed in on it."""
        from interactions_sdk._sync.watching.websocket import (  # noqa: PLC0415 - an extra, only if used
            HandshakeRefusedError,
            Websocket,
            WebsocketLostError,
        )

        url = address(self._connection.endpoint, self._connection.project, self._table)
        try:
            with SecretFrames():
                websocket = Websocket.open(
                    url, self._connection.handshake_headers(sign_in), self._connection.tls()
                )
        except HandshakeRefusedError as refused:
            if _may_pass(refused.status):
                raise RealtimeLostError from None
            raise NoRealtimeError(
                f"the server refused the handshake of a websocket ({refused.status})"
            ) from None
        except WebsocketLostError as lost:
            raise RealtimeLostError(str(lost)) from None
        self._websocket = websocket
        self._heartbeat = Heartbeat(monotonic())
        first = self.receive(_CONNECTED_SECONDS, stopped)
        if isinstance(first, Connected) and first.user_id == self._access.user_id:
            return True
        self.close()
        if isinstance(first, (Connected, Refused)):
            return False
        raise RealtimeLostError

    def receive(self, seconds: float, stopped: Signal) -> Message | None:
        """Return what the server says next; None where that is nothing within so many seconds.

        Raises:
            RealtimeLostError: The websocket is closed, or shows no sign of life.
        """
        from interactions_sdk._sync.watching.websocket import (  # noqa: PLC0415 - an extra, only if used
            WebsocketLostError,
        )

        websocket = self._websocket
        now = monotonic()
        if websocket is None or self._heartbeat.is_lost(now):
            self.close()
            raise RealtimeLostError
        try:
            if self._heartbeat.is_due(now):
                websocket.send(PING)
                self._heartbeat.asked()
            wait = min(seconds, self._heartbeat.remaining(now))
            text = websocket.receive(wait, stopped)
        except WebsocketLostError as lost:
            self.close()
            raise RealtimeLostError(str(lost)) from None
        if text is None:
            return None
        self._heartbeat.heard(monotonic())
        return read_message(text, self._table)

    def close(self) -> None:
        """Close the websocket."""
        websocket, self._websocket = self._websocket, None
        if websocket is not None:
            websocket.close()


def _may_pass(status: int | None) -> bool:
    """Tell whether the same handshake may succeed later."""
    return status is not None and retry.is_transient(APIError("", status_code=status))
