"""A pytest plugin: a fresh server for each test, and fault injection.

Enable it in the `conftest.py` at the root of your tests:

    pytest_plugins = ["interactions_sdk.testing"]

It provides the fixtures

- `crm` and `async_crm` (or `acrm`): a client and an asynchronous client of one embedded server,
  empty, with all tables; users are not verified, so any user ID works;
- `make_customer`, `make_interaction`, `make_draft`: factories with defaults for every argument;
- `make_faulty_crm`, `make_faulty_async_crm`: clients of the same server that simulate failures (see
  `Fault`);
- `crm_server` and `crm_settings`: the fixtures behind these; override `crm_settings` to change the
  settings.

`assert_audited` checks the audit log, and `FaultyTransport` also works with your own client. The
clock is Python's, so libraries that freeze or move it work.

(PYTEST_DONT_REWRITE: it has no assert statements, and may be imported before pytest loads it.)
"""

from interactions_sdk.testing.assertions import assert_audited
from interactions_sdk.testing.factories import (
    make_customer,
    make_draft,
    make_interaction,
)
from interactions_sdk.testing.faults import Fault, FaultyTransport, SentRequest
from interactions_sdk.testing.fixtures import (
    acrm,
    async_crm,
    crm,
    crm_server,
    crm_settings,
    make_faulty_async_crm,
    make_faulty_crm,
)

__all__ = [
    "Fault",
    "FaultyTransport",
    "SentRequest",
    "acrm",
    "assert_audited",
    "async_crm",
    "crm",
    "crm_server",
    "crm_settings",
    "make_customer",
    "make_draft",
    "make_faulty_async_crm",
    "make_faulty_crm",
    "make_interaction",
]
