"""The environment, read once."""

from __future__ import annotations

from pathlib import Path

from chassis.settings import ServiceSettings
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(ServiceSettings):
    """What `serve`, `work` and `migrate` need."""

    database_url_authz: str
    grant_signing_key_file: Path


class OperatorSettings(BaseSettings):
    """What an operator's commands need: the database alone."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url_authz: str


class KeySettings(BaseSettings):
    """What `keys` needs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    grant_signing_key_file: Path
    grant_keys_file: Path
