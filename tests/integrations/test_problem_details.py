"""Error responses of a web service."""

from __future__ import annotations

from typing import cast

import pytest
from pydantic import ValidationError

from interactions_sdk import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    InteractionCreate,
    InteractionNotFoundError,
    OwnershipError,
    PermissionDeniedError,
    RateLimitError,
    SchemaError,
    ServerError,
)
from interactions_sdk.integrations.problem_details import HANDLED, MEDIA_TYPE, problem_details

SECRET = "http://10.0.0.7/v1 standard_c0ffee"


def invalid_draft() -> ValidationError:
    """Return the error of a draft without its description, and with a text that is too long."""
    with pytest.raises(ValidationError) as caught:
        InteractionCreate.model_validate({"interaction_type": "note", "subject": "x" * 1000})
    return caught.value


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadRequestError("limit: 0 is not positive."), 422),
        (InteractionNotFoundError("Interaction not found."), 404),
        (OwnershipError("Interaction not found."), 404),
        (ConflictError("Somebody else changed the interaction."), 409),
        (PermissionDeniedError(SECRET), 403),
        (RateLimitError(SECRET), 503),
        (APIConnectionError(SECRET), 503),
        (APITimeoutError(SECRET), 503),
        (ServerError(SECRET), 502),
        (APIError(SECRET, status_code=418), 502),
        (SchemaError(SECRET), 500),
        (ConfigurationError(SECRET), 500),
        (KeyError(SECRET), 500),
    ],
)
def test_each_error_has_its_status(error: Exception, status: int) -> None:
    """The status follows from the class, and the key is not shown."""
    problem = problem_details(error)

    assert status == problem.status
    assert status == problem.to_dict()["status"]
    assert "c0ffee" not in str(problem.to_dict())


def test_what_the_caller_sent_wrong_is_explained() -> None:
    """The caller receives the error's message."""
    problem = problem_details(BadRequestError("limit: 0 is not positive."))

    assert {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "limit: 0 is not positive.",
    } == problem.to_dict()


def test_another_customers_interaction_looks_like_none() -> None:
    """The two responses are equal, including the hints."""
    owned = OwnershipError("Interaction not found.", hint="It belongs to c2.")
    missing = InteractionNotFoundError("Interaction not found.")

    assert problem_details(missing).to_dict() == problem_details(owned).to_dict()


def test_an_invalid_draft_names_its_fields() -> None:
    """Each field has its reason, without the value that was sent."""
    body = problem_details(invalid_draft()).to_dict()

    assert 422 == body["status"]
    errors = cast("list[dict[str, object]]", body["errors"])
    assert [("subject",), ("description",)] == [each["loc"] for each in errors]
    assert "xxx" not in str(body)


def test_an_uncertain_result_is_told() -> None:
    """The response says whether the request may have been applied."""
    assert problem_details(APITimeoutError("late")).to_dict()["mayHaveLanded"] is True
    assert "mayHaveLanded" not in problem_details(RateLimitError("slow down")).to_dict()


def test_the_headers_say_what_it_is_and_when_to_come_back() -> None:
    """`Retry-After` is set if the server sent it."""
    waiting = problem_details(RateLimitError("slow down", retry_after=2.4))

    assert {"Content-Type": MEDIA_TYPE, "Retry-After": "2"} == waiting.headers
    assert {"Content-Type": MEDIA_TYPE} == problem_details(ServerError("down")).headers


def test_what_to_register_covers_what_is_raised() -> None:
    """Handlers for these two classes catch every error."""
    assert all(
        isinstance(error, HANDLED)
        for error in (invalid_draft(), ServerError("down"), SchemaError("no table"))
    )
