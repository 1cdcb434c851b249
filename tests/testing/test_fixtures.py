"""The pytest plugin in a user's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]

CONFTEST = """
from interactions_sdk.testing import Fault  # also before pytest loads the plugin

pytest_plugins = ["interactions_sdk.testing"]
"""

TESTS = """
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from interactions_sdk import ConflictError, InteractionCreate, InteractionUpdate, ServerError
from interactions_sdk.testing import Fault, assert_audited


def test_a_call_is_logged(crm, make_customer):
    ada = make_customer("ada")

    call = crm.as_user("ada").log_call("Renewal")

    assert call.customer_id == ada.id
    assert_audited(crm, call, by="ada")
    with pytest.raises(AssertionError, match="expected bob, the audit log names .'ada'"):
        assert_audited(crm, call, by="bob")


def test_each_test_begins_anew(crm):
    assert crm.as_admin("root").count() == 0


def test_factories_need_no_argument(crm, make_customer, make_draft, make_interaction):
    ada = make_customer()
    first, second = make_interaction(ada), make_interaction(ada, interaction_type="note")
    assert first.customer_id == second.customer_id == ada.id
    assert second.description
    assert make_interaction().customer_id != ada.id
    assert make_draft(duration=5).duration == 5
    assert len({make_draft().subject, make_draft().subject}) == 2


def test_a_timeout_after_the_write_doubles_nothing(crm, make_faulty_crm, make_customer):
    make_customer("ada")
    broken = make_faulty_crm(Fault.TIMEOUT_AFTER_WRITE, method="PATCH", route="*/transactions/{id}")

    call = broken.as_user("ada").log_call("Renewal")

    assert list(crm.as_user("ada").iterate()) == [call]
    assert_audited(crm, call)


def test_a_server_that_is_down(make_faulty_crm):
    broken = make_faulty_crm(Fault.UNAVAILABLE_BEFORE_WRITE, count=None)

    with pytest.raises(ServerError):
        broken.customers.ensure("ada")


def test_whoever_comes_second_loses(crm, make_interaction):
    seen = make_interaction()
    admin = crm.as_admin("root")
    newer = admin.update(seen.id, InteractionUpdate(outcome="busy"))

    with pytest.raises(ConflictError) as caught:
        admin.update(seen.id, InteractionUpdate(duration=5), if_unchanged_since=seen.updated_at)

    assert caught.value.current == newer
    assert_audited(crm, seen.id, "interaction.created", "interaction.updated")


@time_machine.travel(datetime(2030, 5, 1, 10, tzinfo=UTC), tick=False)
def test_a_frozen_clock(crm, make_customer):
    make_customer("ada")
    ada = crm.as_user("ada")

    call = ada.log_call("Renewal", next_action_date=datetime(2030, 5, 2, tzinfo=UTC))
    ada.update(call.id, InteractionUpdate(duration=5))
    later = ada.follow_ups.snooze(call.id, by=timedelta(days=1))

    assert call.created_at == datetime(2030, 5, 1, 10, tzinfo=UTC)
    assert later.next_action_date == datetime(2030, 5, 3, tzinfo=UTC)
    with time_machine.travel(datetime(2030, 5, 4, tzinfo=UTC)):
        assert [due.id for due in ada.follow_ups.due()] == [call.id]


@pytest.mark.anyio
async def test_the_asynchronous_client_sees_the_same(
    crm, acrm, async_crm, make_faulty_async_crm, make_customer
):
    assert acrm is async_crm
    make_customer("ada")
    broken = make_faulty_async_crm(Fault.RESET_AFTER_WRITE, first=3)

    call = await broken.as_user("ada").log_call("Renewal")

    assert await acrm.as_user("ada").get(call.id) == call
    assert_audited(crm, call)
"""

SETTINGS = """
import pytest

from interactions_sdk import Settings
from interactions_sdk.testing import assert_audited


@pytest.fixture
def crm_settings():
    return Settings(verify_users=False, audit_table=None)


def test_settings_of_ones_own(crm, make_interaction):
    with pytest.raises(AssertionError, match="the audit log has"):
        assert_audited(crm, make_interaction())
"""


def test_a_users_tests_run(pytester: pytest.Pytester) -> None:
    """The fixtures need only the plugin's name, and cause no warnings."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_calls=TESTS, test_settings=SETTINGS)

    result = pytester.runpytest_subprocess(
        "-W", "error", "-p", "no:cacheprovider", "-k", "not trio"
    )

    result.assert_outcomes(passed=9)


def test_the_fixtures_are_listed(pytester: pytest.Pytester) -> None:
    """`pytest --fixtures` lists each fixture with one line."""
    pytester.makeconftest(CONFTEST)

    result = pytester.runpytest_subprocess("--fixtures")

    for name in ("crm", "acrm", "make_customer", "make_interaction", "make_faulty_crm"):
        result.stdout.re_match_lines([rf"{name} -- .*interactions_sdk.*", r"    \w.*\."])
