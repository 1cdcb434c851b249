"""What is loaded, and when: counted, since times are not the same twice."""

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
CLIENTS = {"InteractionsClient": "_sync", "AsyncInteractionsClient": "_async"}
OTHER = {"_sync": "_async", "_async": "_sync"}


def loaded(code: str) -> set[str]:
    """Return the modules that a new process has loaded when it is done."""
    told = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    # Where coverage is measured it loads modules of its own, sqlite3 among them.
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
    """Return the modules that are this package's, without its name."""
    return {name.partition(".")[2] for name in modules if name.startswith("interactions_sdk.")}


def test_the_package_loads_nothing() -> None:
    """The bare import makes no model, opens no library, and brings in one file of this library."""
    modules = loaded("import interactions_sdk")

    assert {"version"} == ours(modules)
    assert set() == modules & {"httpx", "pydantic", "appwrite", *EXTRAS}


@pytest.mark.parametrize(("client", "half"), CLIENTS.items())
def test_importing_a_client_builds_no_model(client: str, half: str) -> None:
    """It loads httpx and what a connection needs: no model, and not the other version."""
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
    """What few programs use waits, and so does everything of the other half."""
    modules = loaded(MADE.format(client=client))

    assert f"interactions_sdk.{half}.repository" in modules
    assert set() == modules & {"appwrite.client", "dateutil", "requests", "sqlite3", *EXTRAS}
    assert set() == modules & RARE
    assert set() == ours(modules) & {f"{half}.{room}" for room in RARE_IN_A_HALF}
    assert [] == sorted(room for room in ours(modules) if room.startswith(OTHER[half]))


def test_what_few_programs_use_is_not_loaded_by_the_others() -> None:
    """A program that logs and reads on the embedded server needs no import and no archive."""
    modules = loaded(USED.format(client="InteractionsClient"))

    needed = {
        "interactions_sdk.embedded",
        "interactions_sdk.schema",
        "interactions_sdk.wire.storage",
    }
    assert set() == modules & {"appwrite.client", "dateutil", "requests", *EXTRAS}
    assert needed == modules & RARE
    assert {"_sync.schema"} == ours(modules) & {f"_sync.{room}" for room in RARE_IN_A_HALF}
