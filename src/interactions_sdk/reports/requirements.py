"""The packages that reports need; an error names the extra of those that are missing."""

from __future__ import annotations

from importlib.util import find_spec

from interactions_sdk.errors import ConfigurationError

_missing = [package for package in ("narwhals", "polars") if find_spec(package) is None]
if _missing:
    raise ConfigurationError(
        f"Reports need {' and '.join(_missing)}: install interactions-sdk with the extra `reports`."
    )
