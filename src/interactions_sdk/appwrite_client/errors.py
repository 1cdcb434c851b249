"""Connection errors that `except AppwriteException` catches too."""

from __future__ import annotations

from appwrite.exception import AppwriteException

from interactions_sdk.errors import APIConnectionError, APITimeoutError

__all__ = ["AdapterConnectionError", "AdapterTimeoutError", "adapt_error"]


class AdapterConnectionError(APIConnectionError, AppwriteException):
    """The server could not be reached; the official package raises this as code 0."""

    def __init__(self, message: str, *, may_have_landed: bool = True) -> None:
        AppwriteException.__init__(self, message)
        self.may_have_landed = may_have_landed


class AdapterTimeoutError(AdapterConnectionError, APITimeoutError):
    """The server did not respond in time; the official package would wait forever."""


def adapt_error(error: APIConnectionError) -> AdapterConnectionError:
    """Return the error as one that callers of the official package catch."""
    kind = AdapterTimeoutError if isinstance(error, APITimeoutError) else AdapterConnectionError
    return kind(str(error), may_have_landed=error.may_have_landed)
