"""The official package's services over this library's connection."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from appwrite.client import Client
from appwrite.exception import AppwriteException
from appwrite.input_file import InputFile
from appwrite.query import Query
from appwrite.services.account import Account
from appwrite.services.storage import Storage
from appwrite.services.tables_db import TablesDB
from appwrite.services.users import Users

from interactions_sdk import (
    APIConnectionError,
    APITimeoutError,
    AsyncInteractionsClient,
    BadRequestError,
    ConfigurationError,
    InteractionsClient,
    NotFoundError,
    RetryPolicy,
    ServerError,
)
from tests.users import SESSIONS, People
from tests.waiting import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "standard_very-secret"
DATABASE, CUSTOMERS = "console-db", "customers"


@pytest.fixture
def crm() -> Iterator[InteractionsClient]:
    """Return a client of an empty server."""
    with InteractionsClient.embedded() as crm:
        yield crm


class Script:
    """A server that gives the scripted answers in order, and repeats the last one."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Return or raise the next scripted answer."""
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def scripted(*answers: httpx.Response | Exception) -> tuple[InteractionsClient, Script]:
    """Return a client of a scripted server, and the script."""
    script = Script(*answers)
    crm = InteractionsClient(
        "https://crm.example/v1",
        "p",
        api_key=KEY,
        transport=httpx.MockTransport(script),
        retry=RetryPolicy(retries=2, initial_delay=0),
    )
    return crm, script


def refusal(status: int, kind: str) -> httpx.Response:
    """Return an error response in Appwrite's format."""
    return httpx.Response(status, json={"message": "Words.", "code": status, "type": kind})


def test_rows_are_written_and_read(crm: InteractionsClient) -> None:
    """Rows written with the official package can be read by this library."""
    tables = TablesDB(crm.appwrite)
    tables.create_row(DATABASE, CUSTOMERS, "c1", {"userId": "ada"})
    found = tables.list_rows(DATABASE, CUSTOMERS, [Query.equal("userId", "ada"), Query.limit(1)])
    assert "ada" == crm.customers.get("c1").user_id
    assert 1 == found.total
    tables.delete_row(DATABASE, CUSTOMERS, "c1")
    assert 0 == tables.list_rows(DATABASE, CUSTOMERS).total


def test_users_are_made(crm: InteractionsClient) -> None:
    """Services of other APIs work, too."""
    users = Users(crm.appwrite)
    users.create("ada", "ada@example.com", name="Ada")
    assert "Ada" == users.get("ada").name


def test_a_file_is_uploaded(crm: InteractionsClient) -> None:
    """A small file is uploaded in one form, and its content is unchanged."""
    storage = Storage(crm.appwrite)
    storage.create_bucket("b", "Bucket")
    storage.create_file("b", "f", InputFile.from_bytes(b"\x00\xff", "two.bin"))
    assert b"\x00\xff" == storage.get_file_download("b", "f")


def test_a_large_file_is_uploaded_in_chunks() -> None:
    """Chunks have five megabytes, each with its range."""
    crm, script = scripted(httpx.Response(201, json={"$id": "f"}))
    file = InputFile.from_bytes(bytes(11 * 1024 * 1024), "zeros.bin")
    form = {"content-type": "multipart/form-data"}
    crm.appwrite.chunked_upload("/storage/buckets/b/files", form, {"file": file}, "file", None, "")
    ranges = sorted(request.headers["content-range"] for request in script.requests)
    assert [
        "bytes 0-5242879/11534336",
        "bytes 10485760-11534335/11534336",
        "bytes 5242880-10485759/11534336",
    ] == ranges


def test_a_form_without_a_file_is_sent() -> None:
    """Texts are sent as parts of a form."""
    crm, script = scripted(httpx.Response(200, json={}))
    crm.appwrite.call(
        "post", "/functions/f/executions", {"content-type": "multipart/form-data"}, {"body": "x"}
    )
    [request] = script.requests
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="body"\r\n\r\nx\r\n' in request.content


def test_it_is_a_client_of_the_official_package(crm: InteractionsClient) -> None:
    """Each synchronous client has one; asynchronous clients have none, since it would block."""
    assert isinstance(crm.appwrite, Client)
    assert crm.appwrite is crm.appwrite
    assert not hasattr(AsyncInteractionsClient, "appwrite")


def test_the_key_is_sent_and_not_held() -> None:
    """The connection sends the key, along with the package's own headers."""
    crm, script = scripted(httpx.Response(200, json={}))
    client = crm.appwrite
    client.set_locale("de")
    client.add_header("x-appwrite-key", "another")
    client.call("get", "/tablesdb", {"X-Appwrite-Project": "other"})
    [request] = script.requests
    assert (KEY, "p", "de") == (
        request.headers["x-appwrite-key"],
        request.headers["x-appwrite-project"],
        request.headers["x-appwrite-locale"],
    )
    assert request.headers["user-agent"].startswith("interactions-sdk/")
    assert request.headers["x-appwrite-response-format"]
    assert KEY not in repr(client) + str(vars(client)) + repr(client.get_headers())
    assert "AppwriteClientAdapter" in repr(client)


def test_a_header_that_cannot_be_sent_is_not_shown() -> None:
    """A header with a line break is rejected without showing its value."""
    crm, script = scripted(httpx.Response(200, json={}))
    crm.appwrite.add_header("cookie", "secret\n")
    with pytest.raises(ConfigurationError) as caught:
        TablesDB(crm.appwrite).get(DATABASE)
    assert "secret" not in str(caught.value)
    assert [] == script.requests


@pytest.mark.parametrize(
    "change",
    [
        lambda client: client.set_endpoint("https://other.example/v1"),
        lambda client: client.set_project("other"),
        lambda client: client.set_key("other"),
        lambda client: client.set_jwt("other"),
        lambda client: client.set_session("other"),
        lambda client: client.set_self_signed(),
    ],
)
def test_the_connection_cannot_be_changed(
    crm: InteractionsClient, change: Callable[[Client], object]
) -> None:
    """Endpoint, project and credentials are those of the client."""
    with pytest.raises(ConfigurationError, match="another InteractionsClient"):
        change(crm.appwrite)


@pytest.mark.parametrize(
    "row_id",
    [
        "../../audit_logs/rows/x",
        "..",
        ".",
        "a/b",
        "a/userId/increment",
        "a%2Fb",
        "a?queries[]=",
        "a#b",
        "a\\b",
        "a b",
        "ä",
    ],
)
def test_an_id_that_leads_elsewhere_is_refused(row_id: str) -> None:
    """An ID that would change the path is rejected before anything is sent."""
    crm, script = scripted(httpx.Response(200, json={}))
    tables = TablesDB(crm.appwrite)
    for use in (tables.get_row, tables.delete_row, tables.update_row):
        with pytest.raises(BadRequestError, match="is not sent") as caught:
            use(DATABASE, CUSTOMERS, row_id)
        assert isinstance(caught.value, AppwriteException)
    with pytest.raises(BadRequestError, match="is not sent"):
        Users(crm.appwrite).delete(row_id)
    with pytest.raises(BadRequestError, match="is not sent"):
        Storage(crm.appwrite).create_file(row_id, "f", InputFile.from_bytes(b"", "f"))
    assert [] == script.requests


def test_a_user_s_id_is_no_path() -> None:
    """With the ID `ada/sessions`, `delete()` would delete Ada's sessions instead of the user."""
    crm, script = scripted(httpx.Response(204))
    with pytest.raises(BadRequestError, match="is not sent"):
        Users(crm.appwrite).delete("ada/sessions")
    assert [] == script.requests
    Users(crm.appwrite).delete_sessions("ada")
    assert ["/v1/users/ada/sessions"] == [request.url.path for request in script.requests]


def test_paths_of_one_s_own_are_checked_as_well(crm: InteractionsClient) -> None:
    """Paths passed to `call()` are checked for dots and blanks."""
    assert 1 == crm.appwrite.call("get", "/tablesdb", params={"queries": [Query.limit(1)]})["total"]
    for path in ("/tablesdb/../users", "tablesdb", "/tablesdb//x", ""):
        with pytest.raises(BadRequestError, match="is not sent"):
            crm.appwrite.call("get", path)


@pytest.mark.parametrize(
    ("use", "attempts"),
    [
        (lambda tables: tables.get_row(DATABASE, CUSTOMERS, "a"), 3),
        (lambda tables: tables.upsert_row(DATABASE, CUSTOMERS, "a", {"userId": "a"}), 3),
        (lambda tables: tables.delete_row(DATABASE, CUSTOMERS, "a"), 3),
        (lambda tables: tables.create_row(DATABASE, CUSTOMERS, "a", {"userId": "a"}), 1),
        (lambda tables: tables.update_row(DATABASE, CUSTOMERS, "a", {"userId": "a"}), 1),
    ],
    ids=["get", "put", "delete", "post", "patch"],
)
@pytest.mark.parametrize(
    "answer", [httpx.ReadTimeout("late"), httpx.Response(503, text="busy")], ids=["late", "busy"]
)
def test_only_what_is_safe_is_sent_again(
    use: Callable[[Any], object], attempts: int, answer: httpx.Response | Exception
) -> None:
    """After an unclear outcome, only idempotent requests are retried."""
    crm, script = scripted(answer)
    with pytest.raises(AppwriteException):
        use(TablesDB(crm.appwrite))
    assert attempts == len(script.requests)


@pytest.mark.parametrize(
    "answer", [httpx.ConnectError("refused"), refusal(429, "general_rate_limit_exceeded")]
)
def test_what_was_not_carried_out_is_sent_again(answer: httpx.Response | Exception) -> None:
    """If a request was certainly not applied, creates are retried, too."""
    row = {"$id": "a", "$sequence": "1", "$tableId": "t", "$databaseId": "d", "$permissions": []}
    times = {"$createdAt": "2026-05-01", "$updatedAt": "2026-05-01"}
    crm, script = scripted(answer, httpx.Response(201, json=row | times))
    TablesDB(crm.appwrite).create_row(DATABASE, CUSTOMERS, "a", {"userId": "a"})
    assert 2 == len(script.requests)


def test_errors_are_the_package_s_and_ours(crm: InteractionsClient) -> None:
    """Code, type and response are the package's; the class is this library's."""
    with pytest.raises(AppwriteException) as caught:
        TablesDB(crm.appwrite).get_row(DATABASE, CUSTOMERS, "nobody")
    error = caught.value
    assert isinstance(error, NotFoundError)
    assert (404, "row_not_found") == (error.code, error.type)
    assert error.message == json.loads(error.response or "")["message"]


def test_a_missing_database_is_a_404(crm: InteractionsClient) -> None:
    """A missing database may be another one, so it is not a schema error."""
    with pytest.raises(NotFoundError) as caught:
        TablesDB(crm.appwrite).get("other")
    assert (404, "database_not_found") == (caught.value.code, caught.value.type)


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(httpx.ReadTimeout("late"), APITimeoutError), (httpx.ConnectError("no"), APIConnectionError)],
)
def test_no_answer_is_caught_as_there(failure: Exception, kind: type[Exception]) -> None:
    """A missing response is an error of both libraries, with code 0."""
    crm, _ = scripted(failure)
    with pytest.raises(AppwriteException) as caught:
        TablesDB(crm.appwrite).get(DATABASE)
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    for error in (caught.value, again):
        assert isinstance(error, kind)
        assert isinstance(error, AppwriteException)
        assert (0, str(caught.value)) == (error.code, str(error))
    assert isinstance(failure, httpx.ReadTimeout) == again.may_have_landed


def test_answers_are_read_as_there(caplog: pytest.LogCaptureFixture) -> None:
    """JSON, bytes, text, URLs and empty responses are returned as by the package."""
    crm, script = scripted(
        httpx.Response(200, content=b"\x89PNG", headers={"x-appwrite-warning": "old;"})
    )
    assert b"\x89PNG" == crm.appwrite.call("get", "/avatars/qr")
    assert "warning from Appwrite, logged once for this client: old" in caplog.text
    script.answers = [httpx.Response(200, text="a;b")]
    assert "a;b" == crm.appwrite.call("get", "/x", response_type="text")
    script.answers = [httpx.Response(204)]
    assert b"" == crm.appwrite.call("delete", "/x")
    script.answers = [httpx.Response(301, headers={"location": "https://else.example"})]
    address = Account(crm.appwrite).create_o_auth2_token("github")
    assert "https://else.example" == address


def test_a_warning_is_logged_once_per_client(caplog: pytest.LogCaptureFixture) -> None:
    """Appwrite repeats warnings in each response; a hint for users is added once."""
    sdk = (
        "The current SDK is built for Appwrite 2.5.0. However, the server is 1.9.6: https://x/sdks"
    )
    for _ in range(2):
        crm, script = scripted()
        for warnings in (sdk, f"{sdk}; Old.;", "Old."):
            headers = {"x-appwrite-warning": warnings}
            script.answers = [httpx.Response(200, content=b"{}", headers=headers)]
            crm.appwrite.call("get", "/x")
        first, second = (record.getMessage() for record in caplog.records)
        assert f"{sdk}. This is about the installed package `appwrite`" in first
        assert second.endswith("once for this client: Old.")
        caplog.clear()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(302, headers={"location": "https://else.example"}),
        httpx.Response(200, content=b"{", headers={"content-type": "application/json"}),
    ],
)
def test_what_is_not_appwrite_s_is_told(answer: httpx.Response) -> None:
    """Redirects are not followed, since the key would be sent along."""
    crm, script = scripted(answer)
    with pytest.raises(ServerError, match="endpoint"):
        TablesDB(crm.appwrite).get(DATABASE)
    assert 1 == len(script.requests)


def test_a_session_s_cookie_is_forgotten() -> None:
    """The cookie is not sent with later requests of this library."""
    crm, script = scripted(httpx.Response(201, json={}, headers={"set-cookie": "a_session_p=x"}))
    crm.appwrite.call("post", "/account/sessions/email", params={"email": "e"})
    crm.appwrite.call("get", "/account")
    assert "cookie" not in script.requests[1].headers


def test_what_was_read_is_forgotten_after_a_write(crm: InteractionsClient) -> None:
    """A write through the package clears all cached reads; a read clears none."""
    crm.customers.ensure("ada")
    ada = crm.as_user("ada")
    call = ada.log_call("Intro")
    half_a_minute = timedelta(seconds=30)
    ada.find(max_age=half_a_minute)
    tables = TablesDB(crm.appwrite)
    tables.get_row(DATABASE, "customer_interactions", call.id)
    assert "Intro" == ada.find(max_age=half_a_minute).items[0].subject
    tables.update_row(DATABASE, "customer_interactions", call.id, {"subject": "Offer"})
    assert "Offer" == ada.find(max_age=half_a_minute).items[0].subject
    assert (1, 2) == (crm.read_cache.hits, crm.read_cache.misses)
    tables.update_row(DATABASE, "customers", call.customer_id, {"userId": "bob"})
    assert (0, 1) == (ada.count(), crm.as_user("bob").count())


def test_queries_may_be_given_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Queries may be objects or text, depending on the version of the package."""
    crm, script = scripted(httpx.Response(200, json={}))
    monkeypatch.setattr(
        Query, "_flatten", lambda value: ["flat"] if value else value, raising=False
    )
    crm.appwrite.call("get", "/tablesdb", params={"queries": ["x"]})
    monkeypatch.delattr(Query, "_flatten")
    crm.appwrite.call("get", "/tablesdb", params={"queries": ["x"]})
    assert ["flat", "x"] == [request.url.params["queries[0]"] for request in script.requests]


def test_importing_this_library_does_not_import_the_client() -> None:
    """Importing the package takes longer than everything else."""
    code = "import sys, interactions_sdk; print('appwrite.client' in sys.modules)"
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    assert "False\n" == ran.stdout


@pytest.mark.parametrize("queries", [[], [Query.limit(1)]], ids=["no query", "only a limit"])
def test_a_bulk_write_without_a_filter_is_refused(
    crm: InteractionsClient, queries: list[str]
) -> None:
    """Without a filter, every row of the table would be changed."""
    crm.customers.create(user_id="ada", id="c1")
    tables = TablesDB(crm.appwrite)
    with pytest.raises(BadRequestError, match="every row"):
        tables.delete_rows(DATABASE, CUSTOMERS, queries)
    with pytest.raises(BadRequestError, match="every row"):
        tables.update_rows(DATABASE, CUSTOMERS, {"userId": "eve"}, queries)
    assert "ada" == crm.customers.get("c1").user_id
    tables.delete_rows(DATABASE, CUSTOMERS, [Query.equal("userId", "ada")])
    with pytest.raises(NotFoundError):
        crm.customers.get("c1")


def test_the_services_act_as_the_user_who_is_signed_in() -> None:
    """A signed-in user reads their account and their own rows."""
    people = People.start()
    key = InteractionsClient(
        "http://embedded/v1",
        people.server.project,
        api_key=people.server.api_key,
        settings=SESSIONS,
        transport=people.server.transport,
    )
    key.customers.ensure("eve")
    customer = key.customers.ensure("ada")
    crm = InteractionsClient(
        "http://embedded/v1",
        people.server.project,
        jwt=people.jwt("ada"),
        transport=people.server.transport,
    )
    crm.appwrite.add_header("x-appwrite-jwt", people.jwt("eve"))

    assert "ada" == Account(crm.appwrite).get().id
    rows = TablesDB(crm.appwrite).list_rows(DATABASE, CUSTOMERS)
    assert [customer.id] == [row.id for row in rows.rows]
    people.server.close()


@pytest.mark.parametrize(
    "write",
    [
        lambda tables: tables.create_rows(DATABASE, CUSTOMERS, [{"$id": "a"}]),
        lambda tables: tables.upsert_rows(DATABASE, CUSTOMERS, [{"$id": "a"}]),
        lambda tables: tables.update_rows(DATABASE, CUSTOMERS, {"a": 1}, [Query.equal("$id", "a")]),
        lambda tables: tables.delete_rows(DATABASE, CUSTOMERS, [Query.equal("$id", "a")]),
    ],
)
def test_a_users_bulk_calls_are_not_told_of_a_missing_database(
    write: Callable[[TablesDB], object],
) -> None:
    """Appwrite's own error would say that the database does not exist."""
    script = Script(httpx.Response(200, json={}))
    crm = InteractionsClient(
        "https://crm.example/v1", "p", jwt="c0ffee", transport=httpx.MockTransport(script)
    )
    with pytest.raises(ConfigurationError, match="bulk requests only with an API key"):
        write(TablesDB(crm.appwrite))
    assert [] == script.requests
