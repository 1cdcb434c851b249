"""OpenTelemetry: a span for each operation and each of its requests, and metrics.

Needs the extra `otel`, which contains only OpenTelemetry's API; your program provides the SDK and
an exporter. Names follow the semantic conventions for database and HTTP clients
(https://opentelemetry.io/docs/specs/semconv/). Attributes contain no texts, keys, or IDs of rows or
users.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction, unwrap
from time import monotonic, time_ns
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from interactions_sdk import (
    AsyncAuditLog,
    AsyncCustomers,
    AsyncFollowUps,
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    AsyncSchema,
    AuditLog,
    Customers,
    FollowUps,
    InteractionRepository,
    InteractionsClient,
    Schema,
    __version__,
)
from interactions_sdk.paging import PendingPage

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from opentelemetry.metrics import CallbackOptions, MeterProvider
    from opentelemetry.trace import TracerProvider

    from interactions_sdk import RequestEvent, ResponseEvent

__all__ = ["InteractionsInstrumentor"]

_SCOPE = "interactions_sdk"
_SYSTEM = "appwrite"
_CONFLICT = 409
_FIRST_ERROR = 400
_CLIENTS: tuple[type[Any], ...] = (AsyncInteractionsClient, InteractionsClient)
_COLLECTIONS: Mapping[type[Any], str] = {
    AsyncInteractionRepository: "interactions",
    InteractionRepository: "interactions",
    AsyncFollowUps: "follow_ups",
    FollowUps: "follow_ups",
    AsyncCustomers: "customers",
    Customers: "customers",
    AsyncAuditLog: "audit",
    AuditLog: "audit",
    AsyncSchema: "schema",
    Schema: "schema",
}
_NOT_OPERATIONS = frozenset({"audit_ownership", "candidates", "iterate", "watch"})
"""Methods that send nothing, or return iterators that send requests later."""

_is_inside: ContextVar[bool] = ContextVar("interactions_sdk_is_inside_operation", default=False)


class InteractionsInstrumentor:
    """Adds spans and metrics to all clients that are created from now on.

    Each operation, such as `create` or `follow_ups.complete`, is a span. Its requests are child
    spans; a retry is an event of the operation's span. Methods that you loop over, such as
    `iterate`, `watch` and `follow_ups.due`, have no span: their requests belong to the span that is
    current when they are sent.

    Metrics: `db.client.operation.duration` and `http.client.request.duration` in seconds,
    `interactions.request.retries` and `interactions.request.conflicts`.

    Example:
        >>> from opentelemetry.sdk.trace import TracerProvider
        >>> from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        >>> from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        >>> from interactions_sdk import InteractionsClient
        >>> exporter, provider = InMemorySpanExporter(), TracerProvider()
        >>> provider.add_span_processor(SimpleSpanProcessor(exporter))
        >>> instrumentor = InteractionsInstrumentor()
        >>> instrumentor.instrument(tracer_provider=provider)
        >>> with InteractionsClient.embedded() as crm:
        ...     customer = crm.customers.ensure("ada")
        >>> exporter.get_finished_spans()[-1].name
        'ensure customers'
        >>> instrumentor.uninstrument()
    """

    def __init__(self) -> None:
        self._originals: list[tuple[type[Any], str, Any]] = []
        self._meter_provider: MeterProvider | None = None

    def instrument(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        """Start reporting; a second call before `uninstrument` has no effect.

        Args:
            tracer_provider: Where spans go (default: OpenTelemetry's global provider).
            meter_provider: Where metrics go (default: OpenTelemetry's global provider).
        """
        if self._originals:
            return
        self._meter_provider = meter_provider
        telemetry = _Telemetry(tracer_provider, meter_provider)
        for client in _CLIENTS:
            self._replace(client, "__init__", _with_hooks(client.__init__, telemetry))
        for owner, collection in _COLLECTIONS.items():
            for part in owner.__mro__:
                for name, method in list(vars(part).items()):
                    if _is_operation(name, method):
                        self._replace(part, name, _traced(method, name, collection, telemetry))

    def uninstrument(self) -> None:
        """Stop reporting; clients created since `instrument` continue to report their requests."""
        while self._originals:
            owner, name, original = self._originals.pop()
            setattr(owner, name, original)

    def observe_due_follow_ups(self, count: Callable[[], int]) -> None:
        """Report the number of due follow-ups as the gauge `interactions.follow_ups.due`.

        Args:
            count: Returns the number. It is called at each collection of metrics, in the thread of
                the exporter.

        Example:
            >>> from interactions_sdk import InteractionsClient
            >>> crm = InteractionsClient.embedded()
            >>> admin = crm.as_admin("root")
            >>> instrumentor = InteractionsInstrumentor()
            >>> instrumentor.observe_due_follow_ups(lambda: len(list(admin.follow_ups.due())))
            >>> crm.close()
        """

        def observe(_: CallbackOptions) -> Iterator[metrics.Observation]:
            yield metrics.Observation(count())

        metrics.get_meter(_SCOPE, __version__, self._meter_provider).create_observable_gauge(
            "interactions.follow_ups.due", [observe], "{follow_up}", "Due follow-ups."
        )

    def _replace(self, owner: type[Any], name: str, replacement: object) -> None:
        self._originals.append((owner, name, vars(owner)[name]))
        setattr(owner, name, replacement)


class _Telemetry:
    """The tracer and the instruments."""

    def __init__(
        self, tracer_provider: TracerProvider | None, meter_provider: MeterProvider | None
    ) -> None:
        self.tracer = trace.get_tracer(_SCOPE, __version__, tracer_provider)
        meter = metrics.get_meter(_SCOPE, __version__, meter_provider)
        self._operations = meter.create_histogram(
            "db.client.operation.duration", "s", "Duration of operations."
        )
        self._requests = meter.create_histogram(
            "http.client.request.duration", "s", "Duration of requests, each attempt by itself."
        )
        self._retries = meter.create_counter(
            "interactions.request.retries", "{request}", "Requests that were sent again."
        )
        self._conflicts = meter.create_counter(
            "interactions.request.conflicts", "{request}", "Requests that were answered with 409."
        )

    @contextmanager
    def operation(self, name: str, collection: str) -> Generator[None]:
        """Report a block as an operation."""
        attributes = {
            "db.system.name": _SYSTEM,
            "db.operation.name": name,
            "db.collection.name": collection,
        }
        began = monotonic()
        outer = _is_inside.set(True)
        with self.tracer.start_as_current_span(
            f"{name} {collection}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,  # its message may quote what a customer wrote
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as error:
                attributes["error.type"] = type(error).__name__
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise
            finally:
                _is_inside.reset(outer)
                self._operations.record(monotonic() - began, attributes)

    def on_request(self, event: RequestEvent) -> None:
        """Report a retry."""
        if event.attempt > 1:
            attributes = {"http.request.method": event.method, "url.template": event.route}
            self._retries.add(1, attributes)
            trace.get_current_span().add_event(
                "retry", {**attributes, "http.request.resend_count": event.attempt - 1}
            )

    def on_response(self, event: ResponseEvent, server: Mapping[str, str | int]) -> None:
        """Report an attempt that has ended, as a span that began when it did."""
        attributes: dict[str, str | int] = {
            "http.request.method": event.method,
            "url.template": event.route,
            **server,
        }
        if event.status is not None:
            attributes["http.response.status_code"] = event.status
        error = event.failure or _error_status(event.status)
        if error is not None:
            attributes["error.type"] = error
        self._requests.record(event.seconds, attributes)
        if event.status == _CONFLICT:
            self._conflicts.add(1, {"url.template": event.route})
        ended = time_ns()
        span = self.tracer.start_span(
            f"{event.method} {event.route}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            start_time=ended - int(event.seconds * 1e9),
        )
        if event.attempt > 1:
            span.set_attribute("http.request.resend_count", event.attempt - 1)
        if event.request_id is not None:
            span.set_attribute("appwrite.request_id", event.request_id)
        if error is not None:
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended)


def _error_status(status: int | None) -> str | None:
    return None if status is None or status < _FIRST_ERROR else str(status)


def _is_operation(name: str, method: object) -> bool:
    """Return whether a method sends its requests before it returns; generators send them later."""
    if not callable(method) or name.startswith("_") or name in _NOT_OPERATIONS:
        return False
    function = unwrap(method)
    return not (isgeneratorfunction(function) or isasyncgenfunction(function))


def _traced(
    method: Callable[..., Any], name: str, collection: str, telemetry: _Telemetry
) -> Callable[..., Any]:
    """Return a method that reports itself as an operation, unless it is part of another one."""

    @wraps(method)
    async def call_async(*args: object, **kwargs: object) -> Any:  # noqa: ANN401 - as the method's
        if _is_inside.get():
            return await method(*args, **kwargs)
        with telemetry.operation(name, collection):
            return await method(*args, **kwargs)

    @wraps(method)
    def call_pending(*args: object, **kwargs: object) -> PendingPage[Any]:
        return PendingPage(call_async(*args, **kwargs))

    @wraps(method)
    def call(*args: object, **kwargs: object) -> object:
        if _is_inside.get():
            return method(*args, **kwargs)
        with telemetry.operation(name, collection):
            return method(*args, **kwargs)

    if iscoroutinefunction(method):
        return call_async
    is_pending = iscoroutinefunction(getattr(method, "__wrapped__", None))
    return call_pending if is_pending else call


def _with_hooks(initialize: Callable[..., None], telemetry: _Telemetry) -> Callable[..., None]:
    """Return a client's `__init__` that reports requests, before the caller's own hooks."""

    @wraps(initialize)
    def with_hooks(client: object, endpoint: str, *args: object, **options: object) -> None:
        server = _server_attributes(endpoint)
        hooks = {
            "on_request": _chain(telemetry.on_request, options.get("on_request")),
            "on_response": _chain(
                partial(telemetry.on_response, server=server), options.get("on_response")
            ),
        }
        try:
            initialize(client, endpoint, *args, **options | hooks)
        except BaseException:
            endpoint, options = "", {}  # tracebacks that show variables would show the key
            raise

    return with_hooks


def _chain(ours: Callable[[Any], object], theirs: object) -> object:
    """Return a hook that calls both; the client rejects a value that is not callable."""
    if theirs is None:
        return ours
    if not callable(theirs):
        return theirs

    def both(event: object) -> None:
        ours(event)
        theirs(event)

    return both


def _server_attributes(endpoint: object) -> dict[str, str | int]:
    """Return the server's name and port, if the endpoint has them."""
    try:
        address = urlsplit(str(endpoint))
        port = address.port or {"http": 80, "https": 443}.get(address.scheme)
    except ValueError:
        return {}
    attributes: dict[str, str | int] = {"server.address": address.hostname or ""}
    return attributes if port is None else attributes | {"server.port": port}
