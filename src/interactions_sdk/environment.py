"""Settings from environment variables, read with pydantic-settings when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from interactions_sdk.errors import ConfigurationError
from interactions_sdk.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Connection", "connection_from_environment", "settings_from_environment"]


class Connection(BaseSettings):
    """Where the server is and how to be let in: `APPWRITE_*`."""

    model_config = SettingsConfigDict(env_prefix="APPWRITE_", extra="ignore", frozen=True)

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
        ConfigurationError: Some are missing; all of them are named at once.
    """
    try:
        return Connection(_env_file=env_file)  # type: ignore[call-arg]  # pydantic-settings' own
    except ValidationError as error:
        missing = [f"APPWRITE_{fault['loc'][0]}".upper() for fault in error.errors()]
        message = (
            f"Set {' and '.join(missing)} in the environment, "
            "or use InteractionsClient.embedded(), which needs no server."
        )
        raise ConfigurationError(message) from None


def settings_from_environment(env_file: Path | str | None = None) -> Settings:
    """Read the settings from `INTERACTIONS_*`, such as `INTERACTIONS_CONSISTENCY=fast`.

    Args:
        env_file: A `.env` file to read as well; the environment goes first.

    Raises:
        ConfigurationError: A value is wrong; all of them are named at once.
    """
    try:
        return _EnvironmentSettings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        wrong = "; ".join(
            f"INTERACTIONS_{'__'.join(map(str, fault['loc']))}".upper() + f": {fault['msg']}"
            for fault in error.errors()
        )
        raise ConfigurationError(wrong) from None
