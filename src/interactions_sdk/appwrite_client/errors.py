"""Errors of bridged calls: what `except AppwriteException` has to catch as well."""

from __future__ import annotations

from appwrite.exception import AppwriteException

from interactions_sdk.errors import APIConnectionError, APITimeoutError

__all__ = ["BridgedConnectionError", "BridgedTimeoutError", "bridged"]


class BridgedConnectionError(APIConnectionError, AppwriteException):
    """The server could not be reached; the official package raises this as code 0."""

    def __init__(self, message: str, *, may_have_landed: bool = True) -> None:
        AppwriteException.__init__(self, message)
        self.may_have_landed = may_have_landed


class BridgedTimeoutError(BridgedConnectionError, APITimeoutError):
    """The server gave no answer in time; the official package waits for ever."""


def bridged(error: APIConnectionError) -> BridgedConnectionError:
    """Return the error as one that the official package's users catch."""
    kind = BridgedTimeoutError if isinstance(error, APITimeoutError) else BridgedConnectionError
    return kind(str(error), may_have_landed=error.may_have_landed)
