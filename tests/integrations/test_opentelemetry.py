"""Spans and metrics, collected with OpenTelemetry's own SDK."""

from __future__ import annotations

import inspect
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from interactions_sdk import (
    AsyncInteractionRepository,
    AsyncInteractionsClient,
    ConfigurationError,
    InteractionNotFoundError,
    InteractionRepository,
    InteractionsClient,
    RetryPolicy,
    Settings,
)
from interactions_sdk.embedded_setup import start_embedded_server
from interactions_sdk.integrations.opentelemetry import InteractionsInstrumentor
from interactions_sdk.testing import Fault, FaultyTransport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from opentelemetry.sdk.trace import ReadableSpan

    from interactions_sdk import RequestEvent, ResponseEvent
    from interactions_sdk.embedded import EmbeddedAppwrite

SECRET = "standard_c0ffee"
SETTINGS = Settings(verify_users=False)


class Collected:
    """The exported spans and metrics."""

    def __init__(self) -> None:
        self.instrumentor = InteractionsInstrumentor()
        self._spans = InMemorySpanExporter()
        self.tracer_provider = TracerProvider()
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._spans))
        self._reader = InMemoryMetricReader()
        self.meter_provider = MeterProvider([self._reader])

    def spans(self) -> tuple[ReadableSpan, ...]:
        """Return and remove the spans that have ended."""
        ended = self._spans.get_finished_spans()
        self._spans.clear()
        return ended

    def metrics(self) -> dict[str, list[tuple[dict[str, Any], float]]]:
        """Return the points of each metric: their attributes, and a value or a count."""
        found: dict[str, list[tuple[dict[str, Any], float]]] = {}
        data = self._reader.get_metrics_data()
        assert data is not None
        for resource in data.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    found[metric.name] = [
                        (
                            dict(point.attributes or {}),
                            point.value if isinstance(point, NumberDataPoint) else point.count,
                        )
                        for point in metric.data.data_points
                    ]
        return found


@pytest.fixture
def collected() -> Iterator[Collected]:
    """Instrument the library for one test."""
    collected = Collected()
    collected.instrumentor.instrument(
        tracer_provider=collected.tracer_provider, meter_provider=collected.meter_provider
    )
    yield collected
    collected.instrumentor.uninstrument()
    collected.tracer_provider.shutdown()
    collected.meter_provider.shutdown()


def faulty_client(server: EmbeddedAppwrite, fault: Fault, method: str) -> InteractionsClient:
    """Return a client whose first request of a method fails once."""
    return InteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        settings=SETTINGS,
        transport=FaultyTransport(server.transport, fault, method=method),
        retry=RetryPolicy(initial_delay=0.001),
    )


def test_an_operation_is_a_span_with_its_requests_below(collected: Collected) -> None:
    """Names and attributes follow the semantic conventions for databases and HTTP clients."""
    with InteractionsClient.embedded() as crm:
        crm.customers.ensure("ada")
        collected.spans()
        crm.as_user("ada").log_call("A secret subject")

    *requests, operation = collected.spans()
    assert "log_call interactions" == operation.name
    assert operation.context is not None
    assert operation.context.span_id in {each.parent and each.parent.span_id for each in requests}
    assert {
        "db.system.name": "appwrite",
        "db.operation.name": "log_call",
        "db.collection.name": "interactions",
    } == operation.attributes
    assert "POST /tablesdb/transactions" in [each.name for each in requests]
    assert all(SpanKind.CLIENT is each.kind for each in requests)
    begun = next(each for each in requests if each.name == "POST /tablesdb/transactions")
    assert {
        "http.request.method": "POST",
        "url.template": "/tablesdb/transactions",
        "server.address": "embedded",
        "server.port": 80,
        "http.response.status_code": 201,
    } == begun.attributes


@pytest.mark.anyio
async def test_the_asynchronous_client_is_reported_alike(collected: Collected) -> None:
    """Awaiting a page and looping over it are operations, too."""
    async with AsyncInteractionsClient.embedded() as crm:
        await crm.customers.ensure("ada")
        repo = crm.as_user("ada")
        call = await repo.log_call("Renewal")
        assert [call] == list((await repo.find()).items)
        assert [call] == [each async for each in repo.find()]

    spans = collected.spans()
    operations = [each for each in spans if "db.operation.name" in (each.attributes or {})]
    assert [
        "ensure customers",
        "log_call interactions",
        "find interactions",
        "find interactions",
    ] == [each.name for each in operations]
    own = {each.context.span_id for each in operations if each.context is not None}
    requests = [each for each in spans if each not in operations]
    assert requests
    assert all(each.parent is not None and each.parent.span_id in own for each in requests)


def test_what_is_looped_over_has_no_span_of_its_own(collected: Collected) -> None:
    """The requests of a loop are sent in the caller's span."""
    with InteractionsClient.embedded() as crm:
        crm.customers.ensure("ada")
        collected.spans()
        with collected.tracer_provider.get_tracer("app").start_as_current_span("mine") as mine:
            assert [] == list(crm.as_user("ada").follow_ups.upcoming(timedelta(days=1)))

    *requests, outer = collected.spans()
    assert "mine" == outer.name
    assert requests
    assert all(each.parent == mine.get_span_context() for each in requests)
    assert all(each.name.startswith("GET /tablesdb/") for each in requests)


def test_an_error_is_named_without_its_message(collected: Collected) -> None:
    """An error's message may quote a customer, so only its class is recorded."""
    with InteractionsClient.embedded() as crm:
        crm.customers.ensure("ada")
        with pytest.raises(InteractionNotFoundError):
            crm.as_user("ada").get("a-secret-id")

    operation = collected.spans()[-1]
    assert StatusCode.ERROR is operation.status.status_code
    assert "OwnershipError" == (operation.attributes or {})["error.type"]
    assert operation.status.description is None
    assert () == operation.events
    assert "a-secret-id" not in operation.to_json()


def test_retries_and_conflicts_are_counted(
    collected: Collected, request: pytest.FixtureRequest
) -> None:
    """A retry is an event of the operation, and each failed attempt is a separate span."""
    server = start_embedded_server(":memory:", SETTINGS)
    request.addfinalizer(server.close)
    with faulty_client(server, Fault.BAD_GATEWAY_BEFORE_WRITE, "POST") as crm:
        crm.customers.ensure("ada")
    with faulty_client(server, Fault.TRANSACTION_CONFLICT, "PATCH") as crm:
        crm.as_user("ada").log_call("Renewal")
    with faulty_client(server, Fault.REFUSED, "GET") as crm:
        crm.as_user("ada").find()

    spans = collected.spans()
    retries = [event for each in spans for event in each.events]
    assert {"retry"} == {event.name for event in retries}
    failed = [each for each in spans if "error.type" in (each.attributes or {})]
    assert {"502", "409", "ConnectError"} == {
        str((each.attributes or {})["error.type"]) for each in failed
    }
    repeated = [each for each in spans if "http.request.resend_count" in (each.attributes or {})]
    assert len(retries) == len(repeated)
    assert all(1 == (each.attributes or {})["http.request.resend_count"] for each in repeated)
    metrics = collected.metrics()
    assert len(retries) == sum(value for _, value in metrics["interactions.request.retries"])
    assert 1 == sum(value for _, value in metrics["interactions.request.conflicts"])
    operations = {each["db.operation.name"] for each, _ in metrics["db.client.operation.duration"]}
    assert {"ensure", "log_call", "find"} == operations
    assert len([each for each in spans if "url.template" in (each.attributes or {})]) == sum(
        count for _, count in metrics["http.client.request.duration"]
    )


def test_instrumenting_twice_reports_once(collected: Collected) -> None:
    """A second instrumentation has no effect, and without any, nothing is reported."""
    collected.instrumentor.instrument(tracer_provider=collected.tracer_provider)
    with InteractionsClient.embedded() as crm:
        crm.customers.ensure("ada")
    assert ["ensure customers"] == [
        each.name for each in collected.spans() if "customers" in each.name.split()
    ]

    collected.instrumentor.uninstrument()
    with InteractionsClient.embedded() as crm:
        crm.customers.ensure("ada")
    assert () == collected.spans()
    assert inspect.iscoroutinefunction(AsyncInteractionRepository.create)
    assert not hasattr(InteractionRepository.create, "__wrapped__")


def test_every_subject_of_the_repository_is_reported(collected: Collected, tmp_path: Path) -> None:
    """Methods of all the repository's classes are reported."""
    with InteractionsClient.embedded(settings=Settings(attachments_bucket="files")) as crm:
        customer = crm.customers.ensure("ada")
        admin = crm.as_admin("root")
        call = admin.log_call("Renewal", customer_id=customer.id)
        admin.count()
        admin.export_csv(tmp_path / "calls.csv")
        admin.import_csv(tmp_path / "calls.csv")
        admin.list_attachments(call.id)
        admin.export_customer(customer.id)

    operations = [
        span.name.split()[0] for span in collected.spans() if span.name.endswith(" interactions")
    ]
    assert [
        *("log_call", "count", "export_csv", "import_csv", "list_attachments", "export_customer")
    ] == operations


def test_hooks_of_the_caller_are_called_as_well(collected: Collected) -> None:
    """The caller's hooks are called, too; objects that are not functions are rejected."""
    requests: list[RequestEvent] = []
    responses: list[ResponseEvent] = []
    with InteractionsClient.embedded(
        on_request=requests.append, on_response=responses.append
    ) as crm:
        crm.customers.ensure("ada")
    assert len(requests) == len(responses) > 0
    assert len(responses) + 1 == len(collected.spans())

    with pytest.raises(ConfigurationError, match="on_request"):
        InteractionsClient("http://localhost/v1", "p", api_key=SECRET, on_request=7)  # type: ignore[arg-type]


@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize("endpoint", ["http://[::1/v1", "no address"])
def test_a_wrong_client_is_refused_without_showing_its_key(endpoint: str) -> None:
    """The error's traceback contains no local variable with the key."""
    with pytest.raises(ConfigurationError) as caught:
        InteractionsClient(endpoint, "p", api_key=SECRET)

    frames = [each.frame for each in inspect.getinnerframes(caught.tb)][1:]
    assert all(SECRET not in repr(frame.f_locals) for frame in frames)


def test_the_server_s_id_of_a_request_is_named(collected: Collected) -> None:
    """With the request ID, the server's log can be searched."""
    answer = httpx.Response(200, json={"total": 0, "rows": []}, headers={"x-request-id": "r-1"})
    with InteractionsClient(
        "http://localhost/v1",
        "p",
        api_key=SECRET,
        settings=SETTINGS,
        transport=httpx.MockTransport(lambda _: answer),
    ) as crm:
        crm.as_admin("root").find()

    ids = [(each.attributes or {}).get("appwrite.request_id") for each in collected.spans()]
    assert "r-1" in ids


def test_due_follow_ups_are_a_gauge(collected: Collected) -> None:
    """The gauge is updated whenever metrics are collected."""
    numbers = iter([3, 5])
    collected.instrumentor.observe_due_follow_ups(lambda: next(numbers))

    assert [({}, 3)] == collected.metrics()["interactions.follow_ups.due"]
    assert [({}, 5)] == collected.metrics()["interactions.follow_ups.due"]
