from __future__ import annotations

import copy
import inspect
import pickle
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from appwrite.exception import AppwriteException

from interactions_sdk import errors
from interactions_sdk.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    BadRequestError,
    BulkError,
    CertificateError,
    ConfigurationError,
    ConflictError,
    CustomerNotFoundError,
    DeletedError,
    FileAccessError,
    InteractionNotFoundError,
    InteractionsError,
    NotFoundError,
    OwnershipError,
    PermissionDeniedError,
    RateLimitError,
    ResponseTooLargeError,
    SchemaError,
    ServerError,
    StoreError,
    UserNotFoundError,
    error_from_response,
    outcome_unknown,
)
from interactions_sdk.models.bulk import BulkResult
from interactions_sdk.models.interaction import CustomerInteraction
from tests.hostile_text import CORPUS

if TYPE_CHECKING:
    from collections.abc import Callable

TREE = [
    (ConfigurationError, InteractionsError),
    (StoreError, InteractionsError),
    (FileAccessError, InteractionsError),
    (SchemaError, InteractionsError),
    (BulkError, InteractionsError),
    (APIConnectionError, InteractionsError),
    (APITimeoutError, APIConnectionError),
    (CertificateError, APIConnectionError),
    (ResponseTooLargeError, APIConnectionError),
    (APIError, InteractionsError),
    (BadRequestError, APIError),
    (PermissionDeniedError, APIError),
    (NotFoundError, APIError),
    (InteractionNotFoundError, NotFoundError),
    (CustomerNotFoundError, NotFoundError),
    (UserNotFoundError, NotFoundError),
    (OwnershipError, InteractionNotFoundError),
    (ConflictError, APIError),
    (DeletedError, ConflictError),
    (RateLimitError, APIError),
    (ServerError, APIError),
]


def pickled(error: InteractionsError) -> InteractionsError:
    """Return a pickled copy of an error, as another process receives it."""
    other = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert isinstance(other, InteractionsError)
    return other


def conflict() -> ConflictError:
    """Return an error with every attribute set."""
    error = ConflictError(
        "Remote row is newer than local.",
        status_code=409,
        type="row_update_conflict",
        hint="Read it again.",
        request_id="r-1",
        retry_after=2.5,
        may_have_landed=True,
    )
    error.interaction_id = "i1"
    error.current = CustomerInteraction.model_validate(
        {"$id": "i1", "$createdAt": datetime.now(UTC), "$updatedAt": datetime.now(UTC)}
    )
    return error


EVERY_KIND: list[InteractionsError] = [
    InteractionsError("base"),
    ConfigurationError("wrong"),
    StoreError("damaged"),
    FileAccessError("calls.csv: No such file.", path="calls.csv"),
    SchemaError("missing", problems=("no table", "no column")),
    BulkError("failed", result=BulkResult([None], {0: ServerError("down")})),
    APIConnectionError("gone", may_have_landed=False),
    APITimeoutError("late"),
    CertificateError("not trusted"),
    ResponseTooLargeError("too large"),
    APIError("odd", status_code=418, type="general_teapot"),
    BadRequestError("bad"),
    PermissionDeniedError("no", status_code=401),
    NotFoundError("not there"),
    InteractionNotFoundError("not there"),
    CustomerNotFoundError("not there"),
    UserNotFoundError("not there"),
    OwnershipError("not there"),
    conflict(),
    RateLimitError("slower", retry_after=3),
    ServerError("down", status_code=503),
    DeletedError("deleted"),
]


@pytest.mark.parametrize(("kind", "parent"), TREE)
def test_the_tree_is_as_drawn(
    kind: type[InteractionsError], parent: type[InteractionsError]
) -> None:
    """Each class has the base class shown in the module's docstring."""
    assert parent is kind.__bases__[0]


def test_the_drawing_names_every_class() -> None:
    """The docstring and the tests above contain every error."""
    kinds = {
        name
        for name in errors.__all__
        if inspect.isclass(value := getattr(errors, name)) and issubclass(value, InteractionsError)
    }

    assert kinds == {kind.__name__ for kind, _ in TREE} | {"InteractionsError"}
    assert [] == [name for name in kinds if name not in (errors.__doc__ or "")]
    assert kinds == {type(error).__name__ for error in EVERY_KIND}


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (ConfigurationError, ValueError),
        (FileAccessError, OSError),
        (BadRequestError, ValueError),
        (NotFoundError, LookupError),
        (OwnershipError, LookupError),
        (APIConnectionError, ConnectionError),
        (APITimeoutError, TimeoutError),
        (APIError, AppwriteException),
    ],
)
def test_errors_also_are_what_they_resemble(
    kind: type[InteractionsError], builtin: type[Exception]
) -> None:
    """`except` clauses for builtins and the official package's errors also catch these errors."""
    assert issubclass(kind, builtin)


def test_an_api_error_reads_like_the_official_package_s() -> None:
    """All attributes of AppwriteException are available."""
    error = error_from_response(404, "row_not_found", "Row with the requested ID 'r1' ...")

    assert isinstance(error, AppwriteException)
    assert "Row with the requested ID 'r1' ..." == error.message
    assert 404 == error.code == error.status_code
    assert "row_not_found" == error.type
    assert error.response is None


@pytest.mark.parametrize("error", EVERY_KIND, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
def test_copies_keep_everything(
    again: Callable[[InteractionsError], InteractionsError], error: InteractionsError
) -> None:
    """A pickled or copied error keeps its class, messages and attributes."""
    other = again(error)

    assert type(error) is type(other)
    assert (str(error), repr(error), error.args) == (str(other), repr(other), other.args)
    assert vars(error).keys() == vars(other).keys()
    same = {name: value for name, value in vars(error).items() if name != "result"}
    assert same == {name: value for name, value in vars(other).items() if name != "result"}


def test_a_pickled_bulk_error_keeps_its_result() -> None:
    """The failures and their reasons survive pickling."""
    error = BulkError("failed", result=BulkResult(["i0", None], {1: conflict()}))

    other = pickled(error)

    assert isinstance(other, BulkError)
    result = other.result
    assert ["i0", None] == result.ids
    assert "Remote row is newer than local. Read it again." == str(result.failed[0].error)


def test_str_is_the_message_and_the_hint() -> None:
    """The hint follows the message; without a hint, there is no trailing blank."""
    assert "No. Check the key." == str(APIError("No.", hint="Check the key."))
    assert "No." == str(APIError("No."))


def test_another_customer_s_row_reads_like_a_missing_one() -> None:
    """Only the class distinguishes an OwnershipError from a NotFoundError."""
    message = "Row with the requested ID 'r1' could not be found."
    theirs, missing = OwnershipError(message), error_from_response(404, "row_not_found", message)

    assert str(missing) == str(theirs)
    assert vars(missing) == vars(theirs)


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (400, "row_invalid_structure", BadRequestError),
        (400, "transaction_not_ready", BadRequestError),
        (401, "user_unauthorized", PermissionDeniedError),
        (401, "general_unauthorized_scope", PermissionDeniedError),
        (403, "project_id_missing", PermissionDeniedError),
        (403, "user_blocked", PermissionDeniedError),
        (404, "row_not_found", NotFoundError),
        (404, "document_not_found", NotFoundError),
        (404, "transaction_not_found", NotFoundError),
        (404, "user_not_found", UserNotFoundError),
        (404, "database_not_found", SchemaError),
        (404, "table_not_found", SchemaError),
        (404, "collection_not_found", SchemaError),
        (404, "project_not_found", APIError),
        (404, "general_route_not_found", ServerError),
        (408, "general_timeout", ServerError),
        (409, "row_already_exists", ConflictError),
        (409, "row_update_conflict", ConflictError),
        (409, "transaction_conflict", ConflictError),
        (413, "general_payload_too_large", APIError),
        (429, "general_rate_limit_exceeded", RateLimitError),
        (500, "general_unknown", ServerError),
        (501, "general_not_implemented", ServerError),
        (503, "general_service_disabled", ServerError),
    ],
)
def test_each_answer_has_its_class(
    status: int, kind: str, expected: type[InteractionsError]
) -> None:
    """Appwrite's type decides first, then the status."""
    error = error_from_response(status, kind, "Words.", request_id="r-1", retry_after=4.0)

    assert expected is type(error)
    assert str(error).startswith("Words.")
    assert (status >= 500 or status == 408) == error.may_have_landed
    if isinstance(error, APIError):
        assert (status, kind, "r-1", 4.0) == (
            error.status_code,
            error.type,
            error.request_id,
            error.retry_after,
        )


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("user_unauthorized", "APPWRITE_API_KEY"),
        ("general_unauthorized_scope", "scope"),
        ("project_not_found", "APPWRITE_PROJECT_ID"),
        ("project_id_missing", "APPWRITE_PROJECT_ID"),
        ("general_route_not_found", "/v1"),
        ("database_not_found", "schema apply"),
        ("transaction_conflict", "retry"),
    ],
)
def test_errors_say_what_to_do(kind: str, advice: str) -> None:
    """Errors with a known fix contain a hint."""
    assert advice in str(error_from_response(404, kind, "Words."))


def test_an_error_of_ours_has_its_own_status_and_type() -> None:
    """Errors raised without a response have the status and type of the server's."""
    error = CustomerNotFoundError("None.")

    assert (404, "row_not_found", False) == (error.status_code, error.type, error.may_have_landed)
    assert "user_not_found" == UserNotFoundError("None.").type


def test_a_class_may_be_overruled() -> None:
    """Callers can set `may_have_landed` if they know more."""
    assert ConflictError("x", may_have_landed=True).may_have_landed
    assert not ServerError("x", may_have_landed=False).may_have_landed
    assert APIConnectionError("x").may_have_landed


@pytest.mark.parametrize(
    ("status", "expected"), [(400, False), (404, False), (408, True), (429, False), (500, True)]
)
def test_which_answers_leave_doubt(*, status: int, expected: bool) -> None:
    """The outcome is unknown only after 408 and 5xx."""
    assert expected == outcome_unknown(status)


def test_there_are_no_other_names() -> None:
    """Only `BulkError` is loaded lazily."""
    assert errors.BulkError is BulkError
    with pytest.raises(AttributeError, match="no attribute 'BulkErrors'"):
        getattr(errors, "BulkErrors")  # noqa: B009 - type checkers know that there is none


@pytest.mark.parametrize("text", CORPUS, ids=range(len(CORPUS)))
def test_a_server_s_message_is_not_obeyed_by_a_terminal(text: str) -> None:
    """Control characters are removed; letters of all scripts stay."""
    for kind in ("row_not_found", "table_not_found"):
        shown = str(error_from_response(404, kind, text + "Größe"))
        assert "Größe" in shown
        assert not any(ord(each) < 32 and each not in "\n\t" for each in shown)
        assert not set("\x7f\x9b\x9d\u202e\u2066\u200b\ufeff") & set(shown)


def test_the_module_has_one_name_that_is_defined_elsewhere() -> None:
    """Any other unknown name raises an `AttributeError`."""
    assert errors.BulkError is BulkError
    with pytest.raises(AttributeError, match=r"module 'interactions_sdk\.errors' has no .*'Bulk'"):
        getattr(errors, "Bulk")  # noqa: B009 - type checkers would reject the attribute


def test_users_get_hints_of_their_own() -> None:
    """Users get hints that differ from those for API keys where they may do less."""
    refused = errors.add_user_hint(BadRequestError("No.", type="user_unauthorized"))
    missing = errors.add_user_hint(errors.error_from_response(404, "table_not_found", "No table"))
    unreached = errors.add_user_hint(APIConnectionError("No answer."))

    assert "does not let this user do it" in str(refused)
    assert str(missing).startswith("No table. Appwrite also returns this error when a signed-in")
    assert "No answer." == str(unreached)
