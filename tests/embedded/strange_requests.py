"""Valid requests to every route, with unusual values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from interactions_sdk.embedded.routes import ROUTES
from interactions_sdk.embedded.services.context import Request

if TYPE_CHECKING:
    from random import Random

_COVERED = [route for route in ROUTES if route.handler is not None]
_IDS = ("d", "t", "r", "text", "whole", "f", "u", "b", "unique()", "$createdAt", "moment", "tags")
_TEXTS = (
    *("", "²", "٣", "9" * 5000, "-1", "1e9", "2026-05-01", "2026-05-01T10:00:00.000+00:00", "\0"),
    *(
        "0001-01-01",
        "9999-12-31T23:59:59.999+14:00",
        "%",
        "%%",
        "\\",
        "a\\%b",
        "+*",
        '"',
        "ß\u0301",
    ),
    *('read("any")', 'write("users")', 'read("user:u/x")', "x" * 5000, "[" * 3000, "{}", "null"),
    *("unique()", "true", "0", "\ud800", "😀" * 50, "a.b.c", "../x", "$id", "call", "a@b.example"),
    json.dumps({"method": "increment", "values": [1e308, None]}),
    json.dumps({"method": "arrayInsert", "values": [10**30, "x"]}),
    json.dumps({"method": "dateAddDays", "values": [10**9]}),
    json.dumps({"method": "power", "values": [1e300]}),
    json.dumps({"method": "stringConcat", "values": ["x" * 200]}),
    json.dumps({"method": "arrayFilter", "values": ["greaterThan", {}]}),
)
_SOUND: dict[str, tuple[Any, ...]] = {
    "databaseId": ("d", "d", "new"),
    "tableId": ("t", "t", "new"),
    "rowId": ("r", "new", "unique()"),
    "key": ("text", "whole", "tags", "f", "new"),
    "column": ("text", "whole", "$id", "tags"),
    "userId": ("u", "new", "unique()"),
    "teamId": ("t", "new"),
    "bucketId": ("b", "new"),
    "fileId": ("x", "unique()"),
    "sessionId": ("x", "recent"),
    "membershipId": ("x",),
    "name": ("name",),
    "email": ("new@example.com", "u@example.com"),
    "password": ("long enough",),
    "required": (False, True),
    "size": (10, 2000, 16_000),
    "elements": (["a", "b"], []),
    "type": ("key", "unique", "fulltext"),
    "columns": (["text"], ["whole", "text"], [{"key": "a", "type": "string", "size": 5}]),
    "labels": (["a"], []),
    "roles": (["a", "b"],),
    "url": ("http://localhost",),
    "commit": (True, "true"),
    "value": (1, 2.5),
    "prefs": ({"a": 1},),
    "status": (True, False),
    "total": (0, 1),
    "default": (None, "x", 1, True),
}
_NUMBERS = (
    *(0, 1, -1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 0.5, -0.0, 1e308, 25, 100, 5000),
)
_METHODS = (
    *("equal", "notEqual", "lessThan", "lessThanEqual", "greaterThan", "greaterThanEqual"),
    *("between", "notBetween", "isNull", "isNotNull", "contains", "containsAny", "containsAll"),
    *("notContains", "startsWith", "notStartsWith", "endsWith", "notEndsWith", "search"),
    *("notSearch", "orderAsc", "orderDesc", "orderRandom", "limit", "offset", "select"),
    *("cursorAfter", "cursorBefore", "regex", "nonsense", "and", "or"),
)
_ACTIONS = (
    *("create", "update", "upsert", "delete", "increment", "decrement"),
    *("bulkCreate", "bulkUpdate", "bulkUpsert", "bulkDelete", "nonsense"),
)
_COLUMN_KEYS = ("text", "whole", "moment", "tags", "$id", "$permissions", "$createdAt", "nope")
_NAMES = (
    *("databaseId", "tableId", "rowId", "name", "data", "rows", "permissions", "search", "key"),
    *("size", "required", "default", "array", "elements", "min", "max", "type", "columns", "url"),
    *("orders", "lengths", "enabled", "rowSecurity", "ttl", "commit", "rollback", "limit"),
    *("transactionId", "value", "userId", "email", "password", "phone", "labels", "prefs"),
    *("status", "emailVerification", "duration", "sessionId", "teamId", "roles", "total"),
    *("bucketId", "fileId", "fileSecurity", "maximumFileSize", "allowedFileExtensions"),
    *("compression", "encryption", "antivirus", "indexes", "project", "attributes"),
)
_HEADERS = {
    "x-appwrite-timestamp": ("2026-05-01T00:00:00Z", "yesterday", "²", ""),
    "x-appwrite-jwt": ("a.b.c", "..", "\u00e4", "eyJ9.e30.x"),
    "x-appwrite-session": ("e30=", "W1tb", "\u00e4", "eyJpZCI6MX0="),
    "cookie": ("a_session_embedded=e30=", ";;=", "a_session_embedded"),
    "content-type": ("application/json", "multipart/form-data; boundary=x", "text/plain", ""),
    "content-range": ("bytes 0-1/2", "x"),
    "range": ("bytes=0-1", "bytes=-1", "bytes=5-", "bytes=a-b", "items=1", "bytes=²-"),
}
_FORM = (
    b'--x\r\nContent-Disposition: form-data; name="fileId"\r\n\r\nunique()\r\n--x\r\n'
    b'Content-Disposition: form-data; name="file"; filename="%s"\r\n\r\n%s\r\n--x--\r\n'
)


class Strange:
    """Creates unusual requests.

    Args:
        random: The source of all choices.
    """

    def __init__(self, random: Random) -> None:
        self._random = random

    def request(self) -> Request:
        """Return a request to one of the routes."""
        routes = _COVERED if self._is_likely(0.95) else ROUTES
        route = self._random.choice(routes)
        parts = [
            quote(str(self.named(part[1:-1])), safe="", errors="replace")
            if part[0] == "{"
            else part
            for part in route.parts
        ]
        pairs = [("queries[]", self.query_text()) for _ in range(self._random.choice((0, 0, 1, 3)))]
        if self._is_likely(0.3):
            pairs.append((self._random.choice((*_NAMES, "queries[x]", "")), str(self.scalar())))
        query = "&".join(
            f"{quote(name, errors='replace')}={quote(value, errors='replace')}"
            for name, value in pairs
        )
        headers = {
            name: self._random.choice(values)
            for name, values in _HEADERS.items()
            if self._is_likely(0.03)
        }
        return Request(route.method, "/v1/" + "/".join(parts), query, headers, self.body())

    def body(self) -> bytes:
        """Return a body: mostly JSON, sometimes a form or random bytes."""
        if self._is_likely(0.05):
            return self._random.randbytes(self._random.randrange(200))
        if self._is_likely(0.1):
            return _FORM % (self._random.randbytes(5), self._random.randbytes(30))
        sent: Any = {
            name: self.named(name)
            for name in self._random.sample(_NAMES, self._random.randrange(20))
        }
        for name, make in (
            *(("data", self.row), ("permissions", self.permissions)),
            ("rows", lambda: [self.row() for _ in range(3)]),
            ("queries", lambda: [self.query_text() for _ in range(2)]),
            ("operations", lambda: [self.operation() for _ in range(3)]),
        ):
            if self._is_likely(0.4):
                sent[name] = make()
        if self._is_likely(0.05):
            sent = self.value()
        return json.dumps(sent).encode()

    def named(self, name: str) -> Any:
        """Return a value for a parameter, mostly a valid one."""
        if name in _SOUND and self._is_likely(0.85):
            return self._random.choice(_SOUND[name])
        return self.name() if self._is_likely(0.5) else self.value()

    def name(self) -> str:
        """Return an ID, mostly an existing one."""
        return self._random.choice(_IDS if self._is_likely(0.9) else _TEXTS)

    def scalar(self) -> Any:
        """Return a value that is neither a list nor an object."""
        return self._random.choice(
            (
                *(None, True, False, self.name(), self._random.choice(_TEXTS)),
                *(self._random.choice(_TEXTS), self._random.choice(_NUMBERS), self.noise()),
            )
        )

    def noise(self) -> str:
        """Return a short text of random characters."""
        return "".join(chr(self._random.randrange(0x3000)) for _ in range(5))

    def value(self, depth: int = 3) -> Any:
        """Return any JSON value."""
        if depth == 0 or self._is_likely(0.7):
            return self.scalar()
        count = self._random.randrange(4)
        if self._is_likely(0.5):
            return [self.value(depth - 1) for _ in range(count)]
        return {self.noise(): self.value(depth - 1) for _ in range(count)}

    def row(self) -> Any:
        """Return data for a row."""
        keys = self._random.sample(_COLUMN_KEYS, self._random.randrange(1, 5))
        row = {key: self.value(1) for key in keys}
        return row if self._is_likely(0.95) else self.value()

    def permissions(self) -> Any:
        """Return permissions, valid and invalid ones."""
        if self._is_likely(0.1):
            return self.value()
        role = self._random.choice(("any", "users", "user:u", "team:t/x", "label:x", "nobody", ""))
        return [f'{self._random.choice(("read", "update", "write", "x"))}("{role}")']

    def query(self, depth: int = 3) -> Any:
        """Return a query."""
        method = self._random.choice(_METHODS)
        count = self._random.choice((0, 1, 1, 1, 2, 3))
        if method in {"and", "or"} and depth:
            return {"method": method, "values": [self.query(depth - 1) for _ in range(count)]}
        attribute = self._random.choice((*_COLUMN_KEYS, "name", "email", "", self.noise()))
        return {
            "method": method,
            "attribute": attribute,
            "values": [self.value(1) for _ in range(count)],
        }

    def query_text(self) -> str:
        """Return the text of a query, sometimes deeply nested, sometimes not a query at all."""
        if self._is_likely(0.05):
            depth = self._random.randrange(150)
            inner = '{"method":"isNull","attribute":"text"}'
            return '{"method":"or","values":[' * depth + f"{inner},{inner}" + "]}" * depth
        if self._is_likely(0.05):
            return str(self.scalar())
        return json.dumps(self.query())

    def operation(self) -> Any:
        """Return an operation of a transaction."""
        if self._is_likely(0.05):
            return self.value()
        operation: dict[str, Any] = {
            "action": self._random.choice(_ACTIONS),
            "databaseId": "d",
            "tableId": "t",
            "rowId": self.name(),
            "data": self._random.choice(
                (
                    self.row(),
                    {"queries": [self.query_text()], "data": self.row()},
                    [self.row(), self.row()],
                    {"column": "whole", "value": self.scalar(), "max": self.scalar()},
                )
            ),
        }
        if self._is_likely(0.2):
            del operation[self._random.choice(list(operation))]
        return operation

    def _is_likely(self, chance: float) -> bool:
        return self._random.random() < chance
