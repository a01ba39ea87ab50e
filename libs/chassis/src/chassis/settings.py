"""Settings: read once when a process starts, from the environment or from files in $SECRETS_DIR."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis import destinations
from chassis.kafka.connection import Brokers
from chassis.setting_types import BrokerAddresses, GrantKeysFile, Listen, ReadableFile, TlsFolder


class ServiceSettings(BaseSettings):
    """What every service needs to know. The variable of a field is its name in upper case."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    environment: Literal["production", "development"] = "production"
    log_format: Literal["json", "console"] = "json"
    grpc_listen: Listen = "0.0.0.0:7000"  # services run in containers of their own, behind mutual TLS
    prometheus_listen: Listen = "0.0.0.0:9000"  # as above
    tls_dir: TlsFolder
    grant_keys_file: GrantKeysFile
    kafka_bootstrap_servers: BrokerAddresses
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_ssl_cafile: ReadableFile | None = None
    kafka_ssl_certfile: ReadableFile | None = None
    kafka_ssl_keyfile: ReadableFile | None = None
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_sasl_username: str = ""
    kafka_sasl_password: SecretStr = Field(default=SecretStr(""), validate_default=True)

    @field_validator("kafka_sasl_password")
    @classmethod
    def _with_a_name(cls, password: SecretStr, others: ValidationInfo) -> SecretStr:
        named = others.data.get("kafka_sasl_username") and password.get_secret_value()
        if str(others.data.get("kafka_security_protocol")).startswith("SASL") and not named:
            raise ValueError("SASL needs it, and KAFKA_SASL_USERNAME")
        return password

    @property
    def kafka(self) -> Brokers:
        """Kafka, as everything in chassis.kafka takes it."""
        security: dict[str, str] = {"security_protocol": self.kafka_security_protocol}
        for name in ("ssl_cafile", "ssl_certfile", "ssl_keyfile"):
            if file := getattr(self, f"kafka_{name}"):
                security[name] = str(file)
        if self.kafka_security_protocol.startswith("SASL"):
            security["sasl_mechanism"] = self.kafka_sasl_mechanism
            security["sasl_plain_username"] = self.kafka_sasl_username
            security["sasl_plain_password"] = self.kafka_sasl_password.get_secret_value()
        return Brokers(self.kafka_bootstrap_servers, security)


def _are_for_development(networks: str, others: ValidationInfo) -> str:
    if destinations.networks(networks) and others.data.get("environment") == "production":
        raise ValueError("it opens networks to whoever gives a URL, and is for development alone")
    return networks


DevelopmentNetworks: TypeAlias = Annotated[str, AfterValidator(_are_for_development)]
"""The only networks that URLs of strangers may lead to, comma separated, over plain http too; refused in production."""


Settings = TypeVar("Settings", bound=BaseSettings)


def load(settings_class: type[Settings]) -> Settings:
    """The settings, or an end of the process with one sentence for each variable that is missing or wrong.

    Values are never shown: they may be secrets.
    """
    secrets_dir = os.environ.get("SECRETS_DIR") or None
    if secrets_dir is not None and not Path(secrets_dir).is_dir():
        raise SystemExit("SECRETS_DIR names a folder that does not exist.")
    try:
        return settings_class(_secrets_dir=secrets_dir)
    except ValidationError as error:
        raise SystemExit("\n".join(_sentence(problem["loc"], problem["msg"]) for problem in error.errors())) from None


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    variable = str(location[0]).upper() if location else "The settings"
    if message == "Field required":
        return f"{variable} is not set."
    return f"{variable} is wrong: {message.removeprefix('Value error, ')}."
