"""Lists of customers: pages, order, filters, search, and who may see them."""

from __future__ import annotations

import inspect
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import jedi  # type: ignore[import-untyped]
import pytest

from interactions_sdk import (
    AsyncInteractionsClient,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    Customer,
    CustomerColumns,
    PermissionDeniedError,
    Settings,
    wire,
)
from interactions_sdk.cursors import Position, encode_cursor
from interactions_sdk.customer_filters import CustomerFilter, parse_customer_order
from interactions_sdk.embedded import EmbeddedAppwrite
from interactions_sdk.wire.call import parse_nothing
from tests.users import CUSTOMERS, ONCE, People

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from interactions_sdk.calendars import TimeLike
    from interactions_sdk.customer_filters import CustomerSort

pytestmark = pytest.mark.anyio

UNVERIFIED = Settings(verify_users=False)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PEOPLE: list[tuple[str, str | None, int | None, int | None]] = [
    ("u0", "Ada Lovelace", 3, None),
    ("u1", "Bob", None, 2),
    ("u2", "ada byron", 3, 1),
    ("u3", None, 1, None),
    ("u4", None, None, 1),
    ("u5", "Émile", 2, None),
    ("u6", "C:\\temp", None, None),
]
"""User, name, days since the last contact, days until the next follow-up."""


class Counting(httpx.AsyncBaseTransport):
    """A transport that counts the requests."""

    def __init__(self, server: EmbeddedAppwrite) -> None:
        self._inner = server.transport
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Record a request, and forward it."""
        self.requests.append(request)
        return await self._inner.handle_async_request(request)


@pytest.fixture
async def crm() -> AsyncIterator[AsyncInteractionsClient]:
    """Return a client of a server with some customers."""
    async with AsyncInteractionsClient.embedded(settings=Settings(page_size=2)) as crm:
        for user_id, name, contact, follow_up in PEOPLE:
            await crm.customers.create(
                user_id,
                name=name,
                email=f"{user_id}@example.org",
                phone=f"+41 44 123 45 6{user_id[1]}",
                lastContactAt=None if contact is None else NOW - timedelta(days=contact),
                nextFollowUpAt=None if follow_up is None else NOW + timedelta(days=follow_up),
            )
        yield crm


def users(customers: Any) -> str:
    """Return the users of customers, without their common first letter."""
    return "".join(customer.user_id[1:] for customer in customers)


ORDERS: list[tuple[CustomerSort, bool | None, str]] = [
    ("created", None, "6543210"),
    ("created", False, "0123456"),
    ("last_contact", None, "3520641"),
    ("last_contact", False, "0253146"),
    ("next_follow_up", None, "2410356"),
    ("next_follow_up", True, "1426530"),
    ("name", None, "2016534"),
    ("name", True, "5610243"),
]


@pytest.mark.unmeasured
@pytest.mark.parametrize(("order_by", "descending", "expected"), ORDERS)
async def test_customers_are_sorted(
    crm: AsyncInteractionsClient,
    order_by: CustomerSort,
    descending: bool | None,  # noqa: FBT001 - a parameter of the test
    expected: str,
) -> None:
    """Customers without a value come last; equal values keep the order of creation."""
    found = [
        customer
        async for customer in crm.customers.iterate(order_by=order_by, descending=descending)
    ]
    assert expected == users(found)


@pytest.mark.unmeasured
@pytest.mark.parametrize(("order_by", "descending", "expected"), ORDERS)
async def test_pages_go_on_where_the_last_one_ended(
    crm: AsyncInteractionsClient,
    order_by: CustomerSort,
    descending: bool | None,  # noqa: FBT001 - a parameter of the test
    expected: str,
) -> None:
    """Pages of any size contain each customer once."""
    for limit in (1, 2, 3, 6, 7, 8):
        found = ""
        after: str | None = None
        while True:
            page = await crm.customers.find(
                order_by=order_by, descending=descending, limit=limit, after=after
            )
            assert len(page.items) <= limit
            found += users(page.items)
            after = page.next_cursor
            if after is None:
                break
        assert expected == found


async def test_a_loop_over_a_page_goes_on(crm: AsyncInteractionsClient) -> None:
    """The loop reads the next pages in the same order."""
    by_name = [c async for c in crm.customers.find(order_by="name", limit=3)]
    found = [c async for c in crm.customers.search("example", limit=1)]
    assert ("2016534", "6543210") == (users(by_name), users(found))


async def test_a_deleted_customer_breaks_no_page(crm: AsyncInteractionsClient) -> None:
    """The next page begins after the position of the deleted customer."""
    first = await crm.customers.find(order_by="name", limit=2)
    async with crm.transaction() as transaction:
        transaction.delete("customers", first.items[-1].id)
    second = await crm.customers.find(order_by="name", limit=9, after=first.next_cursor)
    assert ("20", "16534") == (users(first.items), users(second.items))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "0123456"),
        ({"text": "ADA"}, "02"),
        ({"text": "emile"}, "5"),
        ({"text": "c:\\T"}, "6"),
        ({"text": "%"}, ""),
        ({"no_contact_since": NOW - timedelta(days=2)}, "01246"),
        ({"no_contact_since": "2026-04-30"}, "012456"),
        ({"follow_up_before": NOW + timedelta(days=2)}, "24"),
        ({"follow_up_before": NOW + timedelta(days=3), "no_contact_since": NOW}, "124"),
        ({"follow_up_before": NOW + timedelta(days=3), "text": "b"}, "12"),
    ],
)
async def test_customers_are_filtered(
    crm: AsyncInteractionsClient, filters: Any, expected: str
) -> None:
    """Every order returns the same customers, and `count()` returns their number."""
    for order_by, _, _ in ORDERS:
        page = await crm.customers.find(order_by=order_by, with_total=True, **filters)
        assert expected == "".join(sorted(users(page.items)))
        assert len(expected) == page.total == await crm.customers.count(**filters)


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada", "02"),
        ("lovelace  ADA", "0"),
        ("ada example.org", "02"),
        ("+41 66", "6"),
        ("u3", "3"),
        ("u3@", "3"),
        ("temp\\", ""),
        ("C:\\", "6"),
        ("nobody", ""),
    ],
)
async def test_search_looks_into_every_text(
    crm: AsyncInteractionsClient, text: str, expected: str
) -> None:
    """Each word may be in the name, the address, the number or the user ID."""
    page = await crm.customers.search(text, order_by="created", descending=False)
    assert expected == users(page.items)


async def test_customers_are_found_by_their_address(crm: AsyncInteractionsClient) -> None:
    """A whole email address is found, and a cursor belongs to the search."""
    [ada] = (await crm.customers.search("u0")).items
    assert ada.email is not None
    assert (ada,) == (await crm.customers.search(email=ada.email)).items
    assert () == (await crm.customers.search("u1", email=ada.email)).items
    assert () == (await crm.customers.search(email=ada.email[:-1])).items
    cursor = (await crm.customers.search("example", limit=1)).next_cursor
    with pytest.raises(BadRequestError, match="other filters"):
        await crm.customers.search("example", email=ada.email, after=cursor)


async def test_a_search_has_pages_too(crm: AsyncInteractionsClient) -> None:
    """A cursor belongs to the words of its search."""
    first = await crm.customers.search("example", limit=3)
    second = await crm.customers.search("example", limit=4, after=first.next_cursor)
    assert ("654", "3210", None) == (users(first.items), users(second.items), second.next_cursor)
    with pytest.raises(BadRequestError, match="other filters"):
        await crm.customers.search("other", after=first.next_cursor)


async def test_more_customers_than_a_count_of_the_server_s_are_counted(
    crm: AsyncInteractionsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Appwrite counts up to 5,000; beyond that, customers are read."""
    monkeypatch.setattr("interactions_sdk.wire.query.MAX_LIMIT", 5)
    assert len(PEOPLE) == await crm.customers.count()
    assert 2 == await crm.customers.count(text="ada")


async def test_a_page_is_one_request() -> None:
    """A page takes one or two requests; cached names take none."""
    with EmbeddedAppwrite() as server:
        transport = Counting(server)
        async with AsyncInteractionsClient(
            "http://embedded/v1",
            server.project,
            api_key=server.api_key,
            transport=transport,
            settings=UNVERIFIED,
        ) as crm:
            await crm.schema.apply()
            ids = [(await crm.customers.create(f"u{n}", name=f"N{n}")).id for n in range(5)]
            await crm.customers.create("unnamed")

            async def requests(**arguments: Any) -> int:
                transport.requests.clear()
                await crm.customers.find(**arguments)
                return len(transport.requests)

            assert 1 == await requests()
            assert 1 == await requests(order_by="name", limit=4)
            assert 1 == await requests(order_by="name", text="n")
            assert 2 == await requests(order_by="name")
            assert 1 == await requests(order_by="next_follow_up", follow_up_before=NOW)
            assert 2 == await requests(limit=1, with_total=True)
            transport.requests.clear()
            assert {"N0", "N4"} <= set((await crm.customers.names(ids)).values())
            assert 1 == len(await crm.customers.names([ids[0], ids[0], "unknown"]))
            assert 1 == len(transport.requests)
            await crm.customers.search("n")
            assert 2 == len(transport.requests)


async def test_what_to_call_a_customer(crm: AsyncInteractionsClient) -> None:
    """The name, the address or the user is used; missing customers are left out."""
    ids = {customer.user_id: customer.id async for customer in crm.customers.iterate()}
    await crm.customers.update(ids["u4"], email=None)
    wanted = [ids["u0"], ids["u3"], ids["u4"], "unknown", "no id at all", ""]
    assert {ids["u0"]: "Ada Lovelace", ids["u3"]: "u3@example.org", ids["u4"]: "u4"} == (
        await crm.customers.names(wanted)
    )
    assert "c1" == Customer(id="c1", created_at=NOW, updated_at=NOW).display_name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"order_by": "last contact"}, "Did you mean 'last_contact'"),
        ({"order_by": []}, "order_by must be one of created, last_contact"),
        ({"descending": "yes"}, "descending must be True or False, not 'yes'"),
        ({"limit": 5001}, "limit must be an integer from 1 to 5000"),
        ({"limit": 0}, r"Use iterate\(\)"),
        ({"txt": "x"}, "Unknown filter 'txt'. Did you mean 'text'"),
        ({"text": ""}, "text must be a non-empty string"),
        ({"no_contact_since": datetime(2026, 5, 1)}, "no_contact_since"),  # noqa: DTZ001 - the point
        ({"follow_up_before": "soon"}, "follow_up_before"),
        ({"after": "x"}, "next_cursor of a page"),
    ],
)
async def test_wrong_arguments_are_told(
    crm: AsyncInteractionsClient, arguments: Any, message: str
) -> None:
    """Invalid arguments raise a `BadRequestError`."""
    with pytest.raises(BadRequestError, match=message):
        await crm.customers.find(**arguments)


@pytest.mark.parametrize("text", ["", " ", None, " ".join(map(str, range(21)))])
async def test_a_search_needs_words(crm: AsyncInteractionsClient, text: Any) -> None:
    """A search needs one to twenty words."""
    with pytest.raises(BadRequestError, match="text"):
        await crm.customers.search(text)


async def test_forged_cursors_are_refused(crm: AsyncInteractionsClient) -> None:
    """A cursor with a value of the wrong type is rejected."""
    columns = CustomerColumns()
    meant = CustomerFilter()
    for order_by, value in (("name", 5), ("last_contact", "Ada"), ("created", None)):
        scope = parse_customer_order(order_by, None, columns).scope(meant)
        forged = encode_cursor(Position(value, "1"), scope)  # type: ignore[arg-type]
        with pytest.raises(BadRequestError, match="next_cursor of a page"):
            await crm.customers.find(order_by=order_by, after=forged)  # type: ignore[arg-type]


async def test_a_cursor_belongs_to_its_order(crm: AsyncInteractionsClient) -> None:
    """A cursor is also rejected for the other direction."""
    page = await crm.customers.find(order_by="name", limit=1)
    for other in ({"order_by": "created"}, {"order_by": "name", "descending": True}):
        with pytest.raises(BadRequestError, match="another order"):
            await crm.customers.find(after=page.next_cursor, **other)


# tables without these columns


async def own_table(*columns: str) -> AsyncInteractionsClient:
    """Return a client of a server with an application's own customers table."""
    server = EmbeddedAppwrite()
    crm = AsyncInteractionsClient(
        "http://embedded/v1",
        server.project,
        api_key=server.api_key,
        transport=server.transport,
        settings=UNVERIFIED,
    )
    await crm.schema.apply()
    table = "/tablesdb/console-db/tables/customers/columns"
    for column in {"name", "email", "phone"}.difference(columns):
        path = f"{table}/{column}"
        await crm._connection.send(wire.Call("DELETE", path, path, parse_nothing))
    return crm


async def test_a_table_without_names_is_listed_and_searched() -> None:
    """Existing columns are searched; operations that need a name raise an error."""
    async with await own_table("phone") as crm:
        assert () == tuple((await crm.customers.search("41")).items)
        assert () == tuple((await crm.customers.find(order_by="name")).items)
        await crm.customers.create("ada", phone="+41 1")
        await crm.customers.create("bob", phone="+41 2")
        for _ in range(2):
            assert ["bob"] == [c.user_id for c in (await crm.customers.search("2 41")).items]
        assert ["bob", "ada"] == [c.user_id for c in (await crm.customers.find()).items]
        assert "ada" == (await crm.customers.get_by_user_id("ada")).display_name
        for arguments in ({"order_by": "name"}, {"text": "x"}):
            with pytest.raises(BadRequestError, match="has no column `name`") as caught:
                await crm.customers.find(**arguments)  # type: ignore[arg-type]
            assert "INTERACTIONS_CUSTOMER_COLUMNS__NAME" in str(caught.value)
        with pytest.raises(BadRequestError, match=r"no column `email`.*CUSTOMER_COLUMNS__EMAIL"):
            await crm.customers.search(email="ada@example.org")


async def test_a_table_without_any_of_them_is_searched_for_users() -> None:
    """Only the user ID is searched, and the missing columns are cached."""
    async with await own_table() as crm:
        await crm.customers.create("ada")
        for _ in range(2):
            assert ["ada"] == [c.user_id for c in (await crm.customers.search("AD")).items]


async def test_a_query_that_is_refused_for_another_reason_says_why() -> None:
    """Other errors of the query are raised, for example about a column of the wrong type."""
    async with await own_table("email", "phone") as crm:
        path = "/tablesdb/console-db/tables/customers/columns/integer"
        body = b'{"key":"name","required":false}'
        await crm._connection.send(wire.Call("POST", path, path, parse_nothing, body))
        await crm.customers.create("ada")
        with pytest.raises(BadRequestError, match="name"):
            await crm.customers.find(text="x")
        with pytest.raises(BadRequestError, match="limit"):
            await crm.customers._reader.find(  # what `find` rejects itself
                CustomerFilter(),
                parse_customer_order("created", None, CustomerColumns()),
                limit=-5,
                after=None,
            )


async def test_columns_may_have_other_names() -> None:
    """Renamed columns are read, written, sorted and searched; some may be unused."""
    columns = CustomerColumns(name="fullName", email="mail", phone=None)
    async with AsyncInteractionsClient.embedded(settings=Settings(customer_columns=columns)) as crm:
        await crm.customers.create("u2", name="Bob", email="b@example.org")
        ada = await crm.customers.ensure("u1", name="Ada", email="a@example.org")
        ada = await crm.customers.update(ada.id, email="ada@example.org")
        assert ("Ada", "ada@example.org", None) == (ada.name, ada.email, ada.phone)
        assert "phone" not in ada.model_dump()
        found = [customer.name async for customer in crm.customers.iterate(order_by="name")]
        assert ["Ada", "Bob"] == found
        assert ["Ada"] == [c.name for c in (await crm.customers.search("ada")).items]
        with pytest.raises(BadRequestError, match="have no phone here"):
            await crm.customers.update(ada.id, phone="1")


@pytest.mark.parametrize("arguments", [{"order_by": "name"}, {"text": "x"}])
async def test_without_a_setting_there_are_no_names(arguments: Any) -> None:
    """The error names the setting."""
    settings = Settings(customer_columns=CustomerColumns(name=None))
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        with pytest.raises(BadRequestError, match=r"customer_columns\.name is None"):
            await crm.customers.find(**arguments)


async def test_without_a_setting_there_are_no_addresses() -> None:
    """A search for an email address raises an error that names the setting."""
    settings = Settings(customer_columns=CustomerColumns(email=None))
    async with AsyncInteractionsClient.embedded(settings=settings) as crm:
        with pytest.raises(BadRequestError, match=r"customer_columns\.email is None"):
            await crm.customers.search(email="ada@example.org")


# updates


async def test_columns_are_changed_one_by_one(crm: AsyncInteractionsClient) -> None:
    """Columns that are not passed stay the same; None clears a column."""
    ada = await crm.customers.get_by_user_id("u0")
    changed = await crm.customers.update(ada.id, name="Ada King", phone=None)
    assert ("Ada King", "u0@example.org", None) == (changed.name, changed.email, changed.phone)
    assert ada.last_contact_at == changed.last_contact_at
    assert changed == await crm.customers.get(ada.id)
    assert {ada.id: "Ada King"} == await crm.customers.names([ada.id])


@pytest.mark.parametrize(
    ("past", "future"),
    [
        ("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
        (date(2020, 1, 1), date(2100, 1, 1)),
        (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)),
    ],
)
async def test_an_update_may_build_on_a_state(
    crm: AsyncInteractionsClient, past: TimeLike, future: TimeLike
) -> None:
    """The time can be text, a date or a datetime."""
    ada = await crm.customers.get_by_user_id("u0")
    with pytest.raises(ConflictError):
        await crm.customers.update(ada.id, name="Ada", if_unchanged_since=past)
    changed = await crm.customers.update(ada.id, name="Ada", if_unchanged_since=future)
    assert "Ada" == changed.name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "at least one column"),
        ({"name": ""}, "name must be a non-empty string"),
        ({"email": 5}, "email must be a non-empty string, not 5"),
        ({"userId": "eve"}, r"customers.reassign\(\)"),
        ({"lastContactAt": None}, "follows from the interactions"),
        ({"nextFollowUpAt": None}, "follows from the interactions"),
        ({"$permissions": []}, "Appwrite's own"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_cannot_be_changed_is_refused(
    crm: AsyncInteractionsClient, changes: Any, message: str
) -> None:
    """The error says what to use instead."""
    ada = await crm.customers.get_by_user_id("u0")
    with pytest.raises(BadRequestError, match=message):
        await crm.customers.update(ada.id, **changes)
    assert ada == await crm.customers.get(ada.id)


# users


@pytest.fixture
def people() -> Iterator[People]:
    """Return a server on which users can sign in, with two customers."""
    people = People.start()
    with people.server:
        for user in ("ada", "eve"):
            row = {"userId": user, "name": user.title()}
            readers = {"permissions": [f'read("user:{user}")']}
            people.key("POST", CUSTOMERS, {"rowId": f"c-{user}", "data": row, **readers})
        yield people


def signed_in(people: People, user_id: str) -> AsyncInteractionsClient:
    """Return a client of a user."""
    return AsyncInteractionsClient(
        "http://embedded/v1",
        people.server.project,
        jwt=people.jwt(user_id),
        transport=people.server.transport,
        retry=ONCE,
    )


async def test_a_user_sees_its_own_record_only(people: People) -> None:
    """A user sees only their own record, even if another one is readable."""
    readers = ['read("user:eve")', 'read("user:ada")']
    people.key("PATCH", f"{CUSTOMERS}/c-eve", {"data": {}, "permissions": readers})
    async with signed_in(people, "ada") as crm:
        assert ["c-ada"] == [c.id for c in (await crm.customers.find(order_by="name")).items]
        assert ["c-ada"] == [customer.id async for customer in crm.customers.iterate()]
        assert ["c-ada"] == [c.id for c in (await crm.customers.search("a")).items]
        assert 1 == await crm.customers.count()
        with pytest.raises(ConfigurationError, match="update needs a client with an API"):
            await crm.customers.update("c-ada", name="Eve")


async def test_a_signed_in_admin_sees_all(people: People) -> None:
    """An authenticated admin sees all customers, as with a key."""
    async with signed_in(people, "root") as crm:
        found = (await crm.customers.find(order_by="name", with_total=True)).items
        assert ["Ada", "Eve"] == [customer.name for customer in found]
        assert 2 == await crm.customers.count()


async def test_nothing_is_found_with_a_session_that_has_ended(people: People) -> None:
    """An empty list is not trusted after the session has ended."""
    session = people.session("eve")
    async with AsyncInteractionsClient(
        "http://embedded/v1",
        people.server.project,
        session=session["secret"],
        transport=people.server.transport,
        retry=ONCE,
    ) as crm:
        assert 1 == await crm.customers.count()
        people.key("DELETE", f"/users/eve/sessions/{session['$id']}")
        with pytest.raises(PermissionDeniedError):
            await crm.customers.find()


@pytest.mark.unmeasured
@pytest.mark.usefixtures("own_jedi_cache")
async def test_only_what_users_should_call_is_completed(crm: AsyncInteractionsClient) -> None:
    """Completion in a REPL and in notebooks offers only public methods and filters."""
    expected = {
        *("create", "ensure", "get", "get_by_user_id", "update", "reassign", "reconcile"),
        *("find", "iterate", "search", "count", "names"),
    }
    assert expected == {name for name in dir(crm.customers) if not name.startswith("_")}
    completed = jedi.Interpreter("crm.customers.", [{"crm": crm}]).complete()
    assert expected == {each.name for each in completed if not each.name.startswith("_")}
    filters = jedi.Interpreter("crm.customers.find(no_", [{"crm": crm}]).complete()
    assert ["no_contact_since="] == [each.name for each in filters if each.name.endswith("=")]


@pytest.mark.parametrize("method", ["find", "iterate", "count"])
async def test_filters_are_part_of_the_signature(crm: AsyncInteractionsClient, method: str) -> None:
    """`help()` and editors show the filters."""
    parameters = inspect.signature(getattr(crm.customers, method)).parameters
    assert {"text", "no_contact_since", "follow_up_before"} <= set(parameters)
