# Generated from src/interactions_sdk/_async/client.py by scripts/unasync.py; do not edit.
"""The client for one Appwrite project, or for an embedded one."""

from __future__ import annotations

import os
import ssl
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn, Self

import httpx

from interactions_sdk._sync.connection.connection import Connection
from interactions_sdk.appwrite_client import AppwriteMixin
from interactions_sdk.arguments import check_type
from interactions_sdk.errors import ConfigurationError
from interactions_sdk.transport.client_arguments import check_endpoint, check_options, check_path
from interactions_sdk.transport.credentials import make_credentials, redact_password
from interactions_sdk.transport.hooks import Hooks
from interactions_sdk.transport.responses import parse_endpoint
from interactions_sdk.transport.retry import RetryPolicy
from interactions_sdk.transport.secret_frames import SecretFrames
from interactions_sdk.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    from appwrite.client import Client

    from interactions_sdk._sync.audit import AuditLog
    from interactions_sdk._sync.customers import Customers
    from interactions_sdk._sync.repository import InteractionRepository
    from interactions_sdk._sync.schema import Schema
    from interactions_sdk._sync.transaction import Transaction
    from interactions_sdk.caching import CustomerReadCache
    from interactions_sdk.embedded import EmbeddedAppwrite
    from interactions_sdk.models.interaction import CustomerInteraction
    from interactions_sdk.models.page import Page
    from interactions_sdk.settings import Settings
    from interactions_sdk.transport.credentials import JwtSource
    from interactions_sdk.transport.hooks import OnRequest, OnResponse

__all__ = ["InteractionsClient"]

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0
_CALL_SECONDS = 60.0
_MAX_RESPONSE_BYTES = 64_000_000
_NOT_KEPT = frozenset(
    {
        *("content-type", "content-length", "user-agent", "host"),
        *("x-appwrite-key", "x-appwrite-jwt", "x-appwrite-session", "x-appwrite-project"),
        *("x-sdk-name", "x-sdk-platform", "x-sdk-language", "x-sdk-version"),
        "x-appwrite-response-format",
    }
)
"""Headers that identify the official client, or that the connection sets itself."""


class InteractionsClient(AppwriteMixin):
    """A client for the interactions of one Appwrite project; safe to share between tasks.

    Args:
        endpoint: The address of the API, such as `https://cloud.appwrite.io/v1`.
        project: The project ID.
        api_key: An API key with the scopes `rows.read`, `rows.write` and `users.read`; `schema` and
            attachments need more. It is never shown in output, and neither are JWTs and sessions.
        jwt: The JWT of a user, instead of a key; or a function, synchronous or not, that fetches
            one when it is first needed and when the last one has expired.
        session: The secret of a user's session, instead of a key.
        settings: Table names, roles and consistency options.
        transport: A custom httpx transport, such as that of an embedded server.
        timeout: Seconds for one call as a whole, including retries (default: `settings.timeout`,
            with 5 to connect and 30 between parts of the response); or an `httpx.Timeout` with a
            limit for each step.
        headers: Additional headers for every request.
        verify: `False` checks no certificates, for tests only; a path is a file or folder of
            certificates to trust; an `ssl.SSLContext` is used as it is. By default, `SSL_CERT_FILE`
            and `SSL_CERT_DIR` are read.
        retry: When failed requests are repeated.
        on_request: A function that is called before each attempt to send; see `RequestEvent`. Keep
            it fast: it runs where the request is made.
        on_response: A function that is called after each attempt; see `ResponseEvent`.

    Raises:
        ConfigurationError: The endpoint is not a URL, the project is missing, or there is not
            exactly one of key, JWT and session.

    Attributes:
        settings: The settings.
        read_cache: What `find` and `recent` with `max_age` cache; its `hits` and `misses` show
            how well that works, and `clear()` empties it.
    """

    def __init__(
        self,
        endpoint: str,
        project: str,
        *,
        api_key: str | None = None,
        jwt: JwtSource | None = None,
        session: str | None = None,
        settings: Settings | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout: float | httpx.Timeout | None = None,
        headers: Mapping[str, str] | None = None,
        verify: bool | str | Path | ssl.SSLContext = True,
        retry: RetryPolicy | None = None,
        on_request: OnRequest | None = None,
        on_response: OnResponse | None = None,
    ) -> None:
        from interactions_sdk._sync.services import Services  # noqa: PLC0415 - as services.py says

        try:
            with SecretFrames():
                check_endpoint(endpoint, project)
                address = parse_endpoint(endpoint)
                check_options(
                    settings=settings, retry=retry, on_request=on_request, on_response=on_response
                )
                if transport is not None:
                    check_type(
                        transport,
                        httpx.BaseTransport,
                        "transport",
                        "an httpx.BaseTransport",
                        error=ConfigurationError,
                    )
                credentials = make_credentials(api_key=api_key, jwt=jwt, session=session)
        finally:  # a traceback would show this frame's variables
            endpoint = redact_password(str(endpoint))
            api_key = jwt = session = None
        self._connection = Connection(
            address,
            {
                **(headers or {}),
                "X-Appwrite-Project": project,
                "User-Agent": f"interactions-sdk/{__version__}",
            },
            credentials=credentials,
            policy=retry or RetryPolicy(),
            timeout=_timeout(timeout),
            deadline=_deadline(timeout, settings),
            max_response_bytes=_MAX_RESPONSE_BYTES
            if settings is None
            else settings.max_response_bytes,
            verify=_trust(verify),
            transport=transport,
            hooks=Hooks(on_request, on_response),
        )
        self._server: EmbeddedAppwrite | None = None
        self._services = Services(self._connection, settings)
        self.settings: Settings = self._services.project.settings
        self.read_cache: CustomerReadCache[Page[CustomerInteraction]] = (
            self._services.project.read_cache
        )

    @classmethod
    def embedded(
        cls,
        path: str | Path = ":memory:",
        *,
        settings: Settings | None = None,
        retry: RetryPolicy | None = None,
        on_request: OnRequest | None = None,
        on_response: OnResponse | None = None,
    ) -> Self:
        """Return a client of an embedded Appwrite, in memory or in one file, ready to use.

        Users are not verified unless the settings say so, because there are none at first.

        Args:
            path: The file for the data, or `:memory:`.
            settings: Table names, roles and consistency options.
            retry: When failed requests are repeated.
            on_request: A function that is called before each attempt to send.
            on_response: A function that is called after each attempt.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
        """
        from interactions_sdk.embedded_setup import start_embedded_server  # noqa: PLC0415 - only if used
        from interactions_sdk.settings import Settings  # noqa: PLC0415 - as services.py says

        check_options(
            settings=settings, retry=retry, on_request=on_request, on_response=on_response
        )
        chosen = settings or Settings()
        if "verify_users" not in chosen.model_fields_set:
            chosen = chosen.model_copy(update={"verify_users": False})
        server = start_embedded_server(check_path(path), chosen)
        client = cls(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            settings=chosen,
            transport=server.transport,
            retry=retry,
            on_request=on_request,
            on_response=on_response,
        )
        client._server = server
        return client

    @classmethod
    def from_env(
        cls,
        *,
        env_file: str | Path | None = None,
        settings: Settings | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout: float | httpx.Timeout | None = None,
        retry: RetryPolicy | None = None,
        on_request: OnRequest | None = None,
        on_response: OnResponse | None = None,
    ) -> Self:
        """Return a client of the project in the environment.

        It reads `APPWRITE_ENDPOINT`, `APPWRITE_PROJECT_ID`, one of `APPWRITE_API_KEY`,
        `APPWRITE_JWT` and `APPWRITE_SESSION`, and the settings from `INTERACTIONS_*`.

        Args:
            env_file: A `.env` file to read as well; the environment takes precedence.
            settings: Settings; each value that is set in them takes precedence over its
                `INTERACTIONS_*` variable.
            transport: A custom httpx transport.
            timeout: Seconds for one call as a whole, or an `httpx.Timeout`.
            retry: When failed requests are repeated.
            on_request: A function that is called before each attempt to send.
            on_response: A function that is called after each attempt.

        Raises:
            ConfigurationError: Variables are missing or invalid; the message names all of them.
        """
        from interactions_sdk.environment import (  # noqa: PLC0415 - only if used
            connection_from_environment,
            reveal_secret,
            settings_from_environment,
        )

        found = connection_from_environment(env_file)
        return cls(
            found.endpoint.get_secret_value(),
            found.project_id,
            api_key=reveal_secret(found.api_key),
            jwt=reveal_secret(found.jwt),
            session=reveal_secret(found.session),
            settings=settings_from_environment(env_file, settings),
            transport=transport,
            timeout=timeout,
            retry=retry,
            on_request=on_request,
            on_response=on_response,
        )

    @classmethod
    def from_appwrite(
        cls,
        client: Client,
        *,
        settings: Settings | None = None,
        timeout: float | httpx.Timeout | None = None,
        retry: RetryPolicy | None = None,
        on_request: OnRequest | None = None,
        on_response: OnResponse | None = None,
    ) -> Self:
        """Return a client with the endpoint and project of an `appwrite.client.Client`.

        It uses the client's key, JWT or session, keeps its headers (locale, impersonation, your
        own), and accepts self-signed certificates if it does. The official client has no timeout;
        this one has.

        Args:
            client: The official package's client.
            settings: Table names, roles and consistency options.
            timeout: Seconds for one call as a whole, or an `httpx.Timeout`.
            retry: When failed requests are repeated.
            on_request: A function that is called before each attempt to send.
            on_response: A function that is called after each attempt.

        Raises:
            ConfigurationError: The client has no project, or not exactly one of key, JWT and
                session.

        Example:
            >>> from appwrite.client import Client
            >>> from interactions_sdk import InteractionsClient
            >>> official = Client().set_endpoint("http://localhost/v1").set_project("crm").set_key("secret")
            >>> crm = InteractionsClient.from_appwrite(official)
            >>> crm.close()
        """
        from appwrite.client import Client as Official  # noqa: PLC0415 - it loads `requests`

        check_type(
            client, Official, "client", "an appwrite.client.Client", error=ConfigurationError
        )
        return cls(
            client._endpoint,  # noqa: SLF001 - the official package has no other way
            client.get_config("project"),
            api_key=client.get_config("key"),
            jwt=client.get_config("jwt"),
            session=client.get_config("session"),
            settings=settings,
            headers={
                name: value
                for name, value in client._global_headers.items()  # noqa: SLF001 - see above
                if name.lower() not in _NOT_KEPT and value
            },
            verify=not client._self_signed,  # noqa: SLF001 - see above
            timeout=timeout,
            retry=retry,
            on_request=on_request,
            on_response=on_response,
        )

    @property
    def customers(self) -> Customers:
        """The customer records."""
        return self._services.customers

    @property
    def audit(self) -> AuditLog:
        """The audit log, for admins."""
        return self._services.audit

    @cached_property
    def schema(self) -> Schema:
        """Create and check the database schema."""
        from interactions_sdk._sync.schema import Schema  # noqa: PLC0415 - if used

        return Schema(self._connection, self.settings)

    def __repr__(self) -> str:
        connection = vars(self).get("_connection")  # a debugger may read it before it is set
        return f"<{type(self).__name__} {connection!r}>"

    def close(self) -> None:
        """Close the connections, and the embedded server if there is one."""
        try:
            self._connection.close()
        finally:
            if self._server is not None:
                self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    if not TYPE_CHECKING:  # a type checker would take every name for one of the client's

        def __getattr__(self, name: str) -> NoReturn:
            """Say where a method of a repository is: who acts decides what it may do."""
            from interactions_sdk._sync.repository import (  # noqa: PLC0415 - as services.py says
                InteractionRepository,
            )

            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            if not name.startswith("_") and hasattr(InteractionRepository, name):
                message += (
                    f". Somebody must act: use as_user(user_id).{name} for a user's own customer, "
                    f"or as_admin(user_id).{name} for all customers."
                )
            raise AttributeError(message, name=name, obj=self)

    @property
    def is_signed_in(self) -> bool:
        """Whether the client is authenticated as one user, with a JWT or session."""
        return self._connection.is_user

    def as_user(self, user_id: str | None = None) -> InteractionRepository:
        """Return the interactions of a self-service user: those of the user's own customer.

        Args:
            user_id: The user ID; the user is verified by the first operation. Clients created with
                `jwt=` or `session=` need no ID.

        Raises:
            BadRequestError: `user_id` is not a valid ID.
            ConfigurationError: `user_id` is missing, and the client has an API key.
            PermissionDeniedError: Another user is authenticated. If the JWT or session does not
                contain the user, the first operation raises it.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     note = crm.as_user("ada").log_note("Prefers email.")
            ...     print(note.user_id)
            ada
        """
        return self._services.user_repository(user_id)

    def as_admin(self, user_id: str | None = None) -> InteractionRepository:
        """Return the interactions of all customers, for an admin.

        Args:
            user_id: The admin's user ID; the admin is verified by the first operation. Clients
                created with `jwt=` or `session=` need no ID.

        Raises:
            BadRequestError: `user_id` is not a valid ID.
            ConfigurationError: `user_id` is missing, and the client has an API key.
            PermissionDeniedError: Another user is authenticated; see `as_user`.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     customer = crm.customers.ensure("ada")
            ...     admin = crm.as_admin("root")
            ...     call = admin.log_call("Renewal", customer_id=customer.id)
            ...     print(call.user_id)
            root
        """
        return self._services.admin_repository(user_id)

    def transaction(self) -> Transaction:
        """Return a block whose writes, to rows of any table, are written together or not at all.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> with InteractionsClient.embedded() as crm:
            ...     with crm.transaction() as transaction:
            ...         transaction.create("customers", "c1", {"userId": "ada"})
            ...         transaction.create("customers", "c2", {"userId": "bob"})
            ...     customer = crm.customers.get("c2")
            ...     print(customer.user_id)
            bob
        """
        from interactions_sdk._sync.transaction import (  # noqa: PLC0415 - as services.py says
            Transaction,
        )

        return Transaction(
            self._connection, self.settings.database_id, after_commit=self._services.clear_caches
        )


def _deadline(timeout: float | httpx.Timeout | None, settings: Settings | None) -> float | None:
    """Return the seconds for one call as a whole; None for an `httpx.Timeout`."""
    if isinstance(timeout, (int, float)):
        return float(timeout)
    is_set = settings is not None and "timeout" in settings.model_fields_set
    if settings is not None and (is_set or timeout is None):
        return settings.timeout
    return _CALL_SECONDS if timeout is None else None


def _trust(verify: bool | str | Path | ssl.SSLContext) -> ssl.SSLContext | bool:  # noqa: FBT001 - httpx's
    if isinstance(verify, bool | ssl.SSLContext):
        return verify
    try:
        is_folder = os.path.isdir(verify)  # noqa: PTH112 - pathlib is loaded late
        folder, file = (str(verify), None) if is_folder else (None, str(verify))
        return ssl.create_default_context(cafile=file, capath=folder)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"verify={str(verify)!r} holds no certificates: {error}."
        ) from error


def _timeout(timeout: float | httpx.Timeout | None) -> httpx.Timeout:
    if timeout is None:
        return httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    if isinstance(timeout, httpx.Timeout):
        return timeout
    expected = "a positive number of seconds or an httpx.Timeout"
    seconds = check_type(timeout, (int, float), "timeout", expected, error=ConfigurationError)
    if not seconds > 0:
        raise ConfigurationError(f"timeout must be {expected}, not {seconds}.")
    return httpx.Timeout(seconds)
