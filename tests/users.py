"""A server with users, and raw requests authenticated as one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from interactions_sdk import RetryPolicy, Settings
from interactions_sdk.embedded_setup import start_embedded_server

if TYPE_CHECKING:
    from interactions_sdk.embedded import EmbeddedAppwrite

SESSIONS = Settings(user_sessions=True)
INTERACTIONS = "/tablesdb/console-db/tables/customer_interactions/rows"
AUDIT = "/tablesdb/console-db/tables/audit_logs/rows"
CUSTOMERS = "/tablesdb/console-db/tables/customers/rows"
ONCE = RetryPolicy(retries=0)


@dataclass(frozen=True)
class People:
    """A server with Ada and Eve, who have customers, and Root, who is an admin."""

    server: EmbeddedAppwrite

    @classmethod
    def start(cls, settings: Settings = SESSIONS) -> People:
        """Start a server with the schema and these users."""
        people = cls(start_embedded_server(":memory:", settings))
        for user in ("ada", "eve", "root"):
            people.key("POST", "/users", {"userId": user, "email": f"{user}@example.com"})
        people.key("PUT", "/users/root/labels", {"labels": ["superadmin"]})
        return people

    def jwt(self, user_id: str, seconds: int = 900, session_id: str = "") -> str:
        """Return a JWT for a user."""
        body = {"duration": seconds, "sessionId": session_id}
        return str(self.key("POST", f"/users/{user_id}/jwts", body)["jwt"])

    def session(self, user_id: str) -> dict[str, Any]:
        """Create a session for a user; its `secret` authenticates requests."""
        return dict(self.key("POST", f"/users/{user_id}/sessions", {}))

    def key(self, method: str, path: str, body: object = None) -> Any:
        """Send a request with the API key, and return the JSON of the response."""
        answer = self._send({"X-Appwrite-Key": self.server.api_key}, method, path, body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def as_user(self, user_id: str, method: str, path: str, body: object = None) -> httpx.Response:
        """Send a raw request, authenticated as a user, as an attacker would."""
        return self._send({"X-Appwrite-JWT": self.jwt(user_id)}, method, path, body)

    def _send(
        self, headers: dict[str, str], method: str, path: str, body: object
    ) -> httpx.Response:
        project = {"X-Appwrite-Project": self.server.project}
        with httpx.Client(transport=self.server.transport, headers=project | headers) as http:
            return http.request(method, f"http://embedded/v1{path}", json=body)
