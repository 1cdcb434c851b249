"""Settings from environment variables, read with pydantic-settings when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from interactions_sdk.errors import ConfigurationError
from interactions_sdk.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Connection", "connection_from_environment", "settings_from_environment"]


class Connection(BaseSettings):
    """Where the server is and how to be let in: `APPWRITE_*`."""

    model_config = SettingsConfigDict(
        env_prefix="APPWRITE_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    endpoint: str
    project_id: str
    api_key: SecretStr


class _EnvironmentSettings(Settings, BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="INTERACTIONS_",
        env_nested_delimiter="__",
        env_parse_none_str="none",
        extra="ignore",
        frozen=True,
    )


def connection_from_environment(env_file: Path | str | None = None) -> Connection:
    """Read `APPWRITE_ENDPOINT`, `APPWRITE_PROJECT_ID` and `APPWRITE_API_KEY`.

    Args:
        env_file: A `.env` file to read as well; the environment goes first.

    Raises:
        ConfigurationError: Some are missing or empty; all of them are named at once.
    """
    try:
        return Connection(_env_file=env_file)  # type: ignore[call-arg]  # pydantic-settings' own
    except ValidationError as error:
        missing = [f"APPWRITE_{fault['loc'][0]}".upper() for fault in error.errors()]
    # Not raised in the handler: the error there holds the input, and the key with it.
    raise ConfigurationError(
        f"Set {' and '.join(missing)} in the environment, "
        "or use InteractionsClient.embedded(), which needs no server."
    )


def settings_from_environment(env_file: Path | str | None = None) -> Settings:
    """Read the settings from `INTERACTIONS_*`, such as `INTERACTIONS_CONSISTENCY=fast`.

    Args:
        env_file: A `.env` file to read as well; the environment goes first.

    Raises:
        ConfigurationError: A value is wrong; all of them are named at once.
    """
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
    return Settings.model_validate(found.model_dump(exclude_unset=True))
