"""Checks of the arguments of a client."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from interactions_sdk.arguments import check_callable, check_type, describe
from interactions_sdk.errors import ConfigurationError
from interactions_sdk.transport.credentials import redact_password
from interactions_sdk.transport.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["check_endpoint", "check_options", "check_path"]

_PROJECT = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,35}")


def check_endpoint(endpoint: object, project: object) -> None:
    """Reject an endpoint that is not a URL, and a project that is not an ID.

    Raises:
        ConfigurationError: One of them is missing or wrong.
    """
    example = "such as https://cloud.appwrite.io/v1"
    if not isinstance(endpoint, str):
        raise ConfigurationError(f"endpoint must be a URL {example}, not {describe(endpoint)}.")
    if not endpoint.startswith(("http://", "https://")):
        shown = describe(redact_password(endpoint))
        raise ConfigurationError(f"endpoint must be a URL {example}, not {shown}.")
    if not isinstance(project, str) or _PROJECT.fullmatch(project) is None:
        raise ConfigurationError(
            f"project must be the ID of an Appwrite project, not {describe(project)}."
        )


def check_options(
    *,
    settings: object,
    retry: object,
    on_request: Callable[..., object] | None,
    on_response: Callable[..., object] | None,
) -> None:
    """Reject options of the wrong type, such as a dict of settings.

    Raises:
        ConfigurationError: An option has the wrong type.
    """
    from interactions_sdk.settings import Settings  # noqa: PLC0415 - the models are loaded late

    wrong = ConfigurationError
    if settings is not None:
        check_type(settings, Settings, "settings", "a Settings", error=wrong)
    if retry is not None:
        check_type(retry, RetryPolicy, "retry", "a RetryPolicy", error=wrong)
    check_callable(on_request, "on_request", error=wrong)
    check_callable(on_response, "on_response", error=wrong)


def check_path(path: object) -> str:
    """Return the path of an embedded server's file as text.

    Raises:
        ConfigurationError: It is empty, or neither a text nor a path.
    """
    from pathlib import Path  # noqa: PLC0415 - only if used

    if isinstance(path, str | Path) and str(path):
        return str(path)
    raise ConfigurationError(f"path must be a file's path or ':memory:', not {describe(path)}.")
