"""Settings from environment variables, read with pydantic-settings when they are needed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NoReturn

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from interactions_sdk.arguments import suggestion
from interactions_sdk.errors import ConfigurationError
from interactions_sdk.settings import CustomerColumns, Settings

__all__ = [
    "ConnectionSettings",
    "connection_from_environment",
    "reveal_secret",
    "settings_from_environment",
]

_CREDENTIALS = ("api_key", "jwt", "session")


class ConnectionSettings(BaseSettings):
    """The server and the credentials: `APPWRITE_*`."""

    model_config = SettingsConfigDict(
        env_prefix="APPWRITE_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    endpoint: SecretStr = SecretStr("")  # it may contain a name and password
    project_id: str = ""
    api_key: SecretStr | None = None
    jwt: SecretStr | None = None
    session: SecretStr | None = None

    def __reduce__(self) -> NoReturn:
        raise TypeError("Values from the environment cannot be pickled: they contain a secret.")


class _EnvironmentSettings(Settings, BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="INTERACTIONS_",
        env_nested_delimiter="__",
        env_parse_none_str="none",
        extra="ignore",
        frozen=True,
    )


_PREFIX = "INTERACTIONS_"
_COMMAND_LINE = ("INTERACTIONS_EMBEDDED", "INTERACTIONS_SERVE_KEY", "INTERACTIONS_WAIT")
"""Variables of single commands."""


def _check_names(env_file: Path | str | None) -> None:
    """Reject variables without a setting, because a mistyped one would be silently ignored."""
    columns = CustomerColumns.model_fields
    fields = [*Settings.model_fields, *(f"customer_columns__{name}" for name in columns)]
    known = [*(f"{_PREFIX}{field}".upper() for field in fields), *_COMMAND_LINE]
    given = {name.upper() for name in (*os.environ, *_names_in(env_file))}
    unknown = sorted(name for name in given - set(known) if name.startswith(_PREFIX))
    if unknown:
        raise ConfigurationError(
            " ".join(f"Unknown variable {name}.{suggestion(name, known)}" for name in unknown)
        )


def _names_in(env_file: Path | str | None) -> list[str]:
    if env_file is None:
        return []
    if not Path(env_file).is_file():
        raise ConfigurationError(f"env_file must be a file: {env_file} does not exist.")
    return list(dotenv_values(env_file))


def connection_from_environment(env_file: Path | str | None = None) -> ConnectionSettings:
    """Read `APPWRITE_ENDPOINT`, `APPWRITE_PROJECT_ID` and the credentials.

    The credentials are one of `APPWRITE_API_KEY`, `APPWRITE_JWT` and `APPWRITE_SESSION`. The
    environment takes precedence over the `.env` file.

    Raises:
        ConfigurationError: Some are missing or empty, or there are several credentials; the message
            names all of them.
    """
    _names_in(env_file)
    found = ConnectionSettings(_env_file=env_file)  # type: ignore[call-arg]  # pydantic-settings' own
    missing = [
        _variable_name(name) for name in ("endpoint", "project_id") if not getattr(found, name)
    ]
    credentials = [
        _variable_name(name) for name in _CREDENTIALS if getattr(found, name) is not None
    ]
    if not credentials:
        missing.append("APPWRITE_API_KEY")
    if missing:
        raise ConfigurationError(
            f"Set {' and '.join(missing)} in the environment, "
            "or use InteractionsClient.embedded(), which needs no server."
        )
    if len(credentials) > 1:
        raise ConfigurationError(f"{' and '.join(credentials)} are set. Set only one of them.")
    return found


def reveal_secret(value: SecretStr | None) -> str | None:
    """Return the value of a variable, if it is set."""
    return None if value is None else value.get_secret_value()


def _variable_name(field: str) -> str:
    return f"APPWRITE_{field}".upper()


def settings_from_environment(
    env_file: Path | str | None = None, settings: Settings | None = None
) -> Settings:
    """Read the settings from `INTERACTIONS_*`, such as `INTERACTIONS_CONSISTENCY=fast`.

    Values that are set in `settings` take precedence over the environment, and these over the
    `.env` file.

    Raises:
        ConfigurationError: A value is invalid or a variable unknown; the message names all of them.
    """
    _check_names(env_file)
    try:
        found = _EnvironmentSettings(_env_file=env_file)  # type: ignore[call-arg]
    except SettingsError as error:
        raise ConfigurationError(f"INTERACTIONS_*: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(
            f"INTERACTIONS_{'__'.join(map(str, fault['loc']))}".upper() + f": {fault['msg']}"
            for fault in error.errors()
        )
        raise ConfigurationError(wrong) from None
    values = found.model_dump(exclude_unset=True)
    if settings is not None:
        values = _merge(values, settings.model_dump(exclude_unset=True))
    return Settings.model_validate(values)


def _merge(values: dict[str, Any], preferred: dict[str, Any]) -> dict[str, Any]:
    """Return values in which those of `preferred` replace others, also within nested groups."""
    merged = {**values, **preferred}
    for name in values.keys() & preferred.keys():
        if isinstance(values[name], dict) and isinstance(preferred[name], dict):
            merged[name] = {**values[name], **preferred[name]}
    return merged
