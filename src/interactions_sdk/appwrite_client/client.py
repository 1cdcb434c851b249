"""The official package's client, sending through this library's connection."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Literal, NoReturn, cast

import requests
from appwrite.client import Client
from appwrite.encoders.value_class_encoder import ValueClassEncoder
from appwrite.input_file import InputFile
from appwrite.query import Query
from pydantic_core import from_json

from interactions_sdk.appwrite_client.errors import adapt_error
from interactions_sdk.appwrite_client.paths import (
    is_bulk_write,
    path_template_of_caller,
    require_bulk_filter,
    validate_path,
)
from interactions_sdk.errors import APIConnectionError, ConfigurationError, ServerError
from interactions_sdk.sentences import join_sentences
from interactions_sdk.wire.call import Call, RawResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from interactions_sdk._sync.connection.connection import Connection

__all__ = ["AppwriteClientAdapter"]

logger = logging.getLogger("interactions_sdk")

_ANY_SERVICE = "http://appwrite"
_FIRST_REDIRECT = 300
_SDK_VERSION = "SDK is built for Appwrite"
_OTHER_VERSION = (
    "This is about the installed package `appwrite`, which crm.appwrite uses: it was made for a "
    "newer server. Calls and parameters that this server does not have fail, and the others work. "
    "interactions-sdk itself is not affected. To end the warning, install the version of "
    "`appwrite` that was made for your server."
)
_IDEMPOTENT_METHODS = frozenset({"GET", "PUT", "DELETE"})
_OWN_HEADERS = frozenset(
    {
        *("x-appwrite-key", "x-appwrite-jwt", "x-appwrite-session", "x-appwrite-project"),
        *("user-agent", "content-length"),
    }
)
"""Headers that the connection sets itself."""


class AppwriteClientAdapter(Client):
    """An `appwrite.client.Client` for services, such as `TablesDB(crm.appwrite)`.

    Endpoint, project and credentials belong to the connection and cannot be changed here.
    `after_write` is called after each request that may have written something.
    """

    def __init__(self, connection: Connection, *, after_write: Callable[[], None]) -> None:
        super().__init__()
        self._after_write = after_write
        self._connection = connection
        self._warned: set[str] = set()
        super().set_endpoint(connection.endpoint)
        super().set_project(connection.project)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} over {self._connection!r}>"

    def set_endpoint(self, endpoint: str) -> NoReturn:  # noqa: ARG002 - as there
        """Refuse: the endpoint belongs to the connection."""
        _refuse("endpoint")

    def set_project(self, value: str) -> NoReturn:  # noqa: ARG002 - as there
        """Refuse: the project belongs to the connection."""
        _refuse("project")

    def set_key(self, value: str) -> NoReturn:  # noqa: ARG002 - as there
        """Refuse: the key belongs to the connection."""
        _refuse("key")

    def set_jwt(self, value: str) -> NoReturn:  # noqa: ARG002 - as there
        """Refuse: the credentials belong to the connection."""
        _refuse("JWT")

    def set_session(self, value: str) -> NoReturn:  # noqa: ARG002 - as there
        """Refuse: the credentials belong to the connection."""
        _refuse("session")

    def set_self_signed(self, status: bool = True) -> NoReturn:  # noqa: ARG002, FBT001, FBT002 - as there
        """Refuse: the transport decides which certificates are trusted."""
        _refuse("treatment of certificates")

    def call(
        self,
        method: str,
        path: str = "",
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        response_type: str = "json",
    ) -> Any:  # noqa: ANN401 - as there
        """Send a service's request.

        Raises:
            BadRequestError: An ID in the path would lead to another path, or a bulk write without
                a filter would reach every row.
            ConfigurationError: The client is authenticated as a user, and the request writes many
                rows, which Appwrite would answer as if the database did not exist.
            APIError: Appwrite's error.
            AdapterConnectionError: No response after the last retry.
        """
        template = path_template_of_caller(path)
        validate_path(path, template)
        require_bulk_filter(method.upper(), path, (params or {}).get("queries") or [])
        if is_bulk_write(method.upper(), path, params or {}):
            self._connection.require_api_key("bulk calls")
        call = self._request(method.upper(), path, template, headers or {}, params or {})
        try:
            answer = self._connection.send_raw(call)
        except APIConnectionError as error:
            raise adapt_error(error) from error
        finally:
            if call.method != "GET":
                self._after_write()
        self._log_warnings(answer)
        return _read(answer, response_type)

    def _log_warnings(self, answer: RawResponse) -> None:
        """Log each of Appwrite's warnings once; they concern the client and not the call."""
        sent = answer.headers.get("x-appwrite-warning", "").split(";")
        for warning in filter(None, map(str.strip, sent)):
            if warning in self._warned:
                continue
            self._warned.add(warning)
            logger.warning(
                "warning from Appwrite, logged once for this client: %s",
                join_sentences(warning, _OTHER_VERSION if _SDK_VERSION in warning else ""),
                extra={"interactions_sdk": {"warning": warning}},
            )

    def chunked_upload(self, path: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as there
        """Upload a file, in chunks if it is large.

        Raises:
            BadRequestError: An ID in the path would lead to another path.
        """
        validate_path(path, path_template_of_caller(path))
        return super().chunked_upload(path, *args, **options)

    def _request(
        self,
        method: str,
        path: str,
        template: str | None,
        own_headers: Mapping[str, str],
        params: Mapping[str, Any],
    ) -> Call[bytes]:
        """Encode the request as the official package would."""
        headers = {
            name.lower(): value
            for name, value in {**self._global_headers, **own_headers}.items()
            if name.lower() not in _OWN_HEADERS and value
        }
        values = {name: _flatten_params(value) for name, value in params.items()}
        body: bytes | None = None
        if method == "GET":
            request = requests.Request("GET", _ANY_SERVICE + path, params=self.flatten(values))
            path = request.prepare().path_url
        elif headers.get("content-type", "").startswith("multipart/form-data"):
            headers["content-type"], body = self._form(values)
        else:
            body = json.dumps(values, cls=ValueClassEncoder).encode()
        return Call(
            cast("Literal['GET', 'POST', 'PUT', 'PATCH', 'DELETE']", method),
            template or f"/{path.split('/')[1]}/...",
            path,
            bytes,
            body,
            headers,
            idempotent=method in _IDEMPOTENT_METHODS,
        )

    def _form(self, values: Mapping[str, Any]) -> tuple[str, bytes]:
        """Return a form's content type and body."""
        files = {
            name: (value.filename, value.data)
            for name, value in values.items()
            if isinstance(value, InputFile)
        }
        texts = {name: value for name, value in values.items() if name not in files}
        parts: dict[str, tuple[str | None, Any]] = {
            name: (None, text) for name, text in self.flatten(texts, stringify=True).items()
        }
        form = requests.Request("POST", _ANY_SERVICE, files={**parts, **files}).prepare()
        return cast("str", form.headers["content-type"]), cast("bytes", form.body)


def _refuse(what: str) -> NoReturn:
    raise ConfigurationError(
        f"The {what} of `crm.appwrite` cannot be changed: it belongs to the client's connection. "
        "Create another InteractionsClient."
    )


def _flatten_params(value: object) -> object:
    """Encode the queries in a value as text; versions from 25 on accept query objects."""
    flatten: Callable[[object], object] | None = getattr(Query, "_flatten", None)
    return value if flatten is None else flatten(value)


def _read(answer: RawResponse, response_type: str) -> object:
    """Parse a response as the official package does."""
    if response_type == "location":
        return answer.headers.get("location")
    if answer.status >= _FIRST_REDIRECT:
        raise ServerError(
            f"The server answered {answer.status}, a redirect. It is not followed, because the key "
            "would be sent along. Check the endpoint.",
            status_code=answer.status,
        )
    if response_type == "text":
        return answer.content.decode()
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return answer.content
    try:
        return from_json(answer.content)
    except ValueError as error:
        raise ServerError(
            f"The server answered {answer.status} with a body that is not JSON. Check that the "
            "endpoint ends in /v1.",
            status_code=502,
        ) from error
