"""Modules that are loaded by an import and on first use, counted instead of timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.waiting import LIMIT

CLIENT = "from interactions_sdk import {client}"
MADE = (
    f"{CLIENT}\nimport httpx\ndef nobody(request): raise httpx.ConnectError('nobody')\n"
    "crm = {client}('http://127.0.0.1/v1', 'p', api_key='k', transport=httpx.MockTransport(nobody))"
)
USED = (
    f"{CLIENT}\n"
    "with {client}.embedded() as crm:\n"
    "    crm.customers.ensure('ada')\n"
    "    call = crm.as_user('ada').log_call('Renewal')\n"
    "    list(crm.as_user('ada').find())\n"
)
EXTRAS = {
    *("altair", "duckdb", "fastapi", "narwhals", "numpy", "pandas", "polars", "pyarrow"),
    *("dotenv", "opentelemetry", "pydantic_settings", "typer", "vl_convert", "websockets"),
}
RARE = {
    f"interactions_sdk.{room}"
    for room in (
        *("environment", "reports", "schema", "timeline", "transfer", "cli"),
        *("wire.storage", "appwrite_client.client", "embedded"),
    )
}
RARE_IN_A_HALF = {
    *("attachments", "privacy", "schema", "transfer", "watching"),
    *("writing.bulk", "writing.bulk_chunks", "writing.bulk_executor"),
}
LATE_IN_A_HALF = {"audit", "audit_reader", "customers", "customer_reader", "follow_ups"}
CLIENTS = {"InteractionsClient": "_sync", "AsyncInteractionsClient": "_async"}
OTHER = {"_sync": "_async", "_async": "_sync"}


def loaded(code: str) -> set[str]:
    """Return the modules that a new process has loaded at its end."""
    told = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    # Coverage would load other modules, for example sqlite3.
    unmeasured = {name: each for name, each in os.environ.items() if "COVERAGE" not in name}
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", told],
        capture_output=True,
        text=True,
        check=True,
        env=unmeasured,
        timeout=LIMIT,
    )
    return set(json.loads(ran.stdout))


def ours(modules: set[str]) -> set[str]:
    """Return the modules of this package, without its name."""
    return {name.partition(".")[2] for name in modules if name.startswith("interactions_sdk.")}


def test_the_package_loads_nothing() -> None:
    """`import interactions_sdk` loads one module and no dependency."""
    modules = loaded("import interactions_sdk")

    assert {"version"} == ours(modules)
    assert set() == modules & {"httpx", "pydantic", "appwrite", *EXTRAS}


@pytest.mark.parametrize(("client", "half"), CLIENTS.items())
def test_importing_a_client_builds_no_model(client: str, half: str) -> None:
    """Importing a client loads httpx and the connection, but no models or the other version."""
    modules = loaded(CLIENT.format(client=client))

    of_the_half = {
        *("client", "connection", "connection.connection", "connection.jwt_refresh"),
        "connection.pool",
    }
    needed = {
        *("appwrite_client", "concurrency", "datetimes", "errors", "transport"),
        *("transport.api_key_only", "transport.credentials", "transport.hooks"),
        *("arguments", "transport.client_arguments"),
        *("transport.idle_pool", "transport.proxies", "transport.responses", "transport.retry"),
        *("error_hints", "escaping", "escaping.characters", "scopes", "sentences"),
        "transport.secret_frames",
    }
    needed |= {half, *(f"{half}.{room}" for room in of_the_half), "version"}
    assert needed == ours(modules)
    assert set() == modules & {"appwrite.client", "pydantic.main", "requests", *EXTRAS}


@pytest.mark.parametrize(("client", "half"), CLIENTS.items())
def test_a_client_that_was_made_has_loaded_one_half(client: str, half: str) -> None:
    """Creating a client loads neither rarely used modules nor the other version."""
    modules = loaded(MADE.format(client=client))

    assert f"interactions_sdk.{half}.repository" in modules
    assert set() == modules & {"appwrite.client", "dateutil", "requests", "sqlite3", *EXTRAS}
    assert set() == modules & RARE
    late = RARE_IN_A_HALF | LATE_IN_A_HALF
    assert set() == ours(modules) & {f"{half}.{room}" for room in late}
    assert [] == sorted(room for room in ours(modules) if room.startswith(OTHER[half]))


def test_what_few_programs_use_is_not_loaded_by_the_others() -> None:
    """Logging and reading on the embedded server load no imports or archives."""
    modules = loaded(USED.format(client="InteractionsClient"))

    needed = {
        "interactions_sdk.embedded",
        "interactions_sdk.schema",
        "interactions_sdk.wire.storage",
    }
    assert set() == modules & {"appwrite.client", "dateutil", "requests", *EXTRAS}
    assert needed == modules & RARE
    assert {"_sync.schema"} == ours(modules) & {f"_sync.{room}" for room in RARE_IN_A_HALF}
