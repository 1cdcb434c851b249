"""A client that calls an embedded server directly, without network or httpx."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from interactions_sdk.embedded.services.context import Request

if TYPE_CHECKING:
    from interactions_sdk.embedded import EmbeddedAppwrite

ROWS = "/tablesdb/d/tables/t/rows"


def query(method: str, attribute: str = "", *values: Any) -> str:
    """Return the JSON of a query."""
    asked: dict[str, Any] = {"method": method, "values": list(values)}
    return json.dumps(asked | ({"attribute": attribute} if attribute else {}))


class Talk:
    """Sends requests to a server with certain headers.

    Args:
        server: The server.
        headers: The credentials; by default the API key.
    """

    def __init__(self, server: EmbeddedAppwrite, headers: dict[str, str] | None = None) -> None:
        self.server = server
        by_key = {"x-appwrite-key": server.api_key}
        self.headers = {"x-appwrite-project": server.project} | (
            by_key if headers is None else headers
        )

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        queries: tuple[str, ...] = (),
        headers: dict[str, str] | None = None,
        **params: Any,
    ) -> tuple[int, Any]:
        """Send a request; return the status and the parsed body."""
        asked = urlencode([("queries[]", each) for each in queries] + list(params.items()))
        content = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        request = Request(method, f"/v1{path}", asked, self.headers | (headers or {}), content)
        answered = self.server.handle(request)
        if answered.content_type == "application/json":
            return answered.status, json.loads(answered.body)
        return answered.status, answered.body

    def good(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Send a request that must succeed, and return the parsed body."""
        status, answered = self(method, path, body, **more)
        assert status < 400, answered
        return answered

    def refused(
        self, method: str, path: str, body: Any = None, **more: Any
    ) -> tuple[int, str, str]:
        """Send a request that must be rejected, and return status, type and message."""
        status, answered = self(method, path, body, **more)
        assert status >= 400, answered
        return status, answered["type"], answered["message"]

    def row(self, row_id: str, permissions: list[str] | None = None, **data: Any) -> Any:
        """Create a row."""
        body: dict[str, Any] = {"rowId": row_id, "data": data}
        return self.good("POST", ROWS, body | ({"permissions": permissions} if permissions else {}))

    def ids(self, *queries: str, **params: Any) -> list[str]:
        """Return the IDs of the rows that a list request returns."""
        return [row["$id"] for row in self.good("GET", ROWS, queries=queries, **params)["rows"]]

    def user(self, user_id: str, *labels: str) -> Talk:
        """Create a user, and return a client authenticated as that user."""
        sent = {"userId": user_id, "email": f"{user_id}@example.com", "password": "long enough"}
        self.good("POST", "/users", sent)
        if labels:
            self.good("PUT", f"/users/{user_id}/labels", {"labels": list(labels)})
        jwt = self.good("POST", f"/users/{user_id}/jwts", {})["jwt"]
        return Talk(self.server, {"x-appwrite-jwt": jwt})

    def guest(self) -> Talk:
        """Return a client without credentials."""
        return Talk(self.server, {})


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
