"""Transactions: their operations are applied together or not at all, whatever fails."""

from __future__ import annotations

import json

import httpx
import pytest

from interactions_sdk import (
    APITimeoutError,
    AsyncInteractionsClient,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RetryPolicy,
    ServerError,
    Settings,
)

pytestmark = pytest.mark.anyio

CREATE = {"userId": "ada"}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait between retries."""
    monkeypatch.setattr("interactions_sdk._async.connection.transactions._PAUSE", 0)


async def test_a_block_lands_together(acrm: AsyncInteractionsClient) -> None:
    """Creates, updates and deletes of any table are committed together."""
    await acrm.customers.create(user_id="old", id="old")
    async with acrm.transaction() as transaction:
        transaction.create("customers", "c1", CREATE)
        transaction.create_many("customers", [{"$id": "c2", "userId": "bob"}])
        transaction.update("customers", "c1", {"userId": "eve"})
        transaction.delete("customers", "old")
    assert "eve" == (await acrm.customers.get("c1")).user_id
    assert "bob" == (await acrm.customers.get("c2")).user_id
    with pytest.raises(NotFoundError):
        await acrm.customers.get("old")


async def test_an_exception_in_the_block_writes_nothing(acrm: AsyncInteractionsClient) -> None:
    """Operations are not sent before the end of the block."""
    with pytest.raises(KeyError):
        async with acrm.transaction() as transaction:
            transaction.create("customers", "c1", CREATE)
            raise KeyError
    with pytest.raises(NotFoundError):
        await acrm.customers.get("c1")


async def test_an_empty_block_sends_nothing() -> None:
    """An empty block sends no requests."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request)

    transport = httpx.MockTransport(fail)
    crm = AsyncInteractionsClient("http://x/v1", "p", api_key="k", transport=transport)
    async with crm, crm.transaction():
        pass


async def test_customers_that_a_block_changes_are_not_remembered(
    acrm: AsyncInteractionsClient,
) -> None:
    """Cached customer records that a transaction changes are dropped."""
    customer = await acrm.customers.ensure("ada")
    call = await acrm.as_user("ada").log_call("Intro")
    async with acrm.transaction() as transaction:
        transaction.update("customers", customer.id, {"userId": "bob"})
    assert 0 == await acrm.as_user("ada").count()
    with pytest.raises(NotFoundError):
        await acrm.as_user("ada").get(call.id)
    assert 1 == await acrm.as_user("bob").count()


async def test_a_conflict_lands_nothing(acrm: AsyncInteractionsClient) -> None:
    """If a row already exists, nothing of the block is written."""
    await acrm.customers.create(user_id="ada", id="c1")
    with pytest.raises(ConflictError):
        async with acrm.transaction() as transaction:
            transaction.create("customers", "c2", {"userId": "bob"})
            transaction.create("customers", "c1", {"userId": "eve"})
    with pytest.raises(NotFoundError):
        await acrm.customers.get("c2")


async def test_a_block_is_used_once(acrm: AsyncInteractionsClient) -> None:
    """A transaction cannot be used a second time."""
    transaction = acrm.transaction()
    async with transaction:
        transaction.create("customers", "c1", CREATE)
    with pytest.raises(ConfigurationError, match="used only once"):
        async with transaction:
            pass


async def test_a_block_has_a_limit_and_valid_ids(acrm: AsyncInteractionsClient) -> None:
    """An invalid ID and a 101st operation are rejected."""
    transaction = acrm.transaction()
    with pytest.raises(BadRequestError, match="row id"):
        transaction.create("customers", "a/b", CREATE)
    for number in range(100):
        transaction.create("customers", f"c{number}", CREATE)
    with pytest.raises(BadRequestError, match="100 operations"):
        transaction.create("customers", "more", CREATE)


class Script:
    """A transport that expects certain requests in order, and answers them."""

    def __init__(self, *steps: tuple[str, object]) -> None:
        self.steps = list(steps)
        self.seen: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        expected, answer = self.steps.pop(0)
        what = _name(request)
        self.seen.append(what)
        assert expected == what
        if isinstance(answer, Exception):
            raise type(answer)(*answer.args)  # a new one, since each has its own traceback
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, json=answer)


def _name(request: httpx.Request) -> str:
    body = json.loads(request.content or b"null")
    if request.url.path.endswith("/operations"):
        return "stage"
    if request.method == "PATCH":
        return "commit" if "commit" in body else "roll back"
    return "begin" if request.method == "POST" else "ask"


def state(status: str = "pending", operations: int = 1) -> dict[str, object]:
    """Return a transaction in Appwrite's format."""
    return {"$id": "t1", "status": status, "operations": operations}


def refusal(status: int, kind: str) -> httpx.Response:
    """Return an error in Appwrite's format."""
    return httpx.Response(status, json={"message": "No.", "code": status, "type": kind})


TIMEOUT = httpx.ReadTimeout("too late")
NOT_READY = refusal(400, "transaction_not_ready")
COMMITTED = ("ask", state("committed"))


async def commit(script: Script) -> None:
    """Commit a transaction of one operation against the script, without retries of requests."""
    async with (
        AsyncInteractionsClient(
            "http://x/v1",
            "p",
            api_key="k",
            transport=httpx.MockTransport(script),
            retry=RetryPolicy(retries=0),
            settings=Settings(),
        ) as crm,
        crm.transaction() as transaction,
    ):
        transaction.create("customers", "c1", CREATE)


@pytest.mark.parametrize(
    "steps",
    [
        [("begin", state()), ("stage", state()), ("commit", state("committed"))],
        [
            ("begin", state()),
            ("stage", TIMEOUT),
            ("roll back", state("failed")),
            ("begin", state()),
            ("stage", state()),
            ("commit", state("committed")),
        ],
        [("begin", state()), ("stage", state()), ("commit", TIMEOUT), COMMITTED],
        [
            ("begin", state()),
            ("stage", state()),
            ("commit", TIMEOUT),
            ("ask", state()),
            ("commit", state("committed")),
        ],
        [
            ("begin", state()),
            ("stage", state()),
            ("commit", TIMEOUT),
            ("ask", state()),
            ("commit", NOT_READY),
            COMMITTED,
        ],
        [
            ("begin", state()),
            ("stage", state()),
            ("commit", TIMEOUT),
            ("ask", state("committing")),
            COMMITTED,
        ],
        [
            ("begin", state()),
            ("stage", state()),
            ("commit", refusal(409, "transaction_conflict")),
            ("roll back", TIMEOUT),
            ("begin", state()),
            ("stage", state()),
            ("commit", state("committed")),
        ],
    ],
    ids=[
        "at once",
        "staged anew",
        "committed unanswered",
        "committed again",
        "met its own commit",
        "still committing",
        "run again after a conflict",
    ],
)
async def test_a_block_is_settled(steps: list[tuple[str, object]]) -> None:
    """Whichever request gets no response, the transaction is applied once."""
    script = Script(*steps)
    await commit(script)
    assert [] == script.steps


@pytest.mark.parametrize(
    ("steps", "error", "may_have_landed"),
    [
        (
            [("begin", state()), ("stage", state(operations=0)), ("roll back", state("failed"))],
            ServerError,
            False,
        ),
        (
            [
                ("begin", state()),
                ("stage", refusal(400, "general_argument_invalid")),
                ("roll back", state("failed")),
            ],
            BadRequestError,
            False,
        ),
        (
            [("begin", state()), ("stage", TIMEOUT), ("roll back", TIMEOUT)] * 4,
            APITimeoutError,
            False,
        ),
        (
            [("begin", state()), ("stage", state()), ("commit", TIMEOUT), ("ask", TIMEOUT)],
            APITimeoutError,
            True,
        ),
        (
            [
                ("begin", state()),
                ("stage", state()),
                ("commit", TIMEOUT),
                *[("ask", state("committing"))] * 20,
            ],
            APITimeoutError,
            True,
        ),
        (
            [
                ("begin", state()),
                ("stage", state()),
                ("commit", TIMEOUT),
                ("ask", state()),
                ("commit", refusal(404, "document_not_found")),
            ],
            NotFoundError,
            False,
        ),
        (
            [("begin", state()), ("stage", state()), ("commit", TIMEOUT), ("ask", state("failed"))]
            * 4,
            ConflictError,
            False,
        ),
    ],
    ids=[
        "not all staged",
        "staging refused",
        "never staged",
        "nobody to ask",
        "never settled",
        "refused on the second try",
        "failed each time",
    ],
)
async def test_a_block_that_fails_says_whether_it_may_have_landed(
    steps: list[tuple[str, object]], error: type[Exception], may_have_landed: object
) -> None:
    """Only completely staged operations are committed, and `may_have_landed` is exact."""
    script = Script(*steps)
    with pytest.raises(error) as caught:
        await commit(script)
    assert [] == script.steps
    assert may_have_landed == caught.value.may_have_landed  # type: ignore[attr-defined]
