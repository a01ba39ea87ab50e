"""The environment, read once."""

from __future__ import annotations

from pathlib import Path

from chassis.setting_types import DatabaseUrl, GrantSigningKeyFile
from chassis.settings import ServiceSettings
from pydantic_settings import BaseSettings, SettingsConfigDict


class OperatorSettings(BaseSettings):
    """What an operator's commands need: the database alone."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url_authz: DatabaseUrl

    @property
    def database_url(self) -> str:
        """Address of the service's own database."""
        return self.database_url_authz.get_secret_value()


class Settings(OperatorSettings, ServiceSettings):
    """What `serve`, `work` and `migrate` need."""

    grant_signing_key_file: GrantSigningKeyFile


class KeySettings(BaseSettings):
    """What `keys` needs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    grant_signing_key_file: Path
    grant_keys_file: Path
