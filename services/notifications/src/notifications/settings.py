"""Settings of every process of notifications, read once."""

from email.utils import parseaddr
from typing import Literal

from chassis import destinations
from chassis.formats import is_email
from chassis.sealing import SealingSettings
from chassis.setting_types import DatabaseUrl, Peer, WebUrl
from chassis.settings import DevelopmentNetworks
from pydantic import Field, SecretStr, ValidationInfo, field_validator


class Settings(SealingSettings):
    """See README.md for what each is for."""

    database_url_notifications: DatabaseUrl
    authz_address: Peer
    public_url: WebUrl
    smtp_host: str = Field(min_length=1)
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "plain"] = "starttls"
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str
    webhook_allowed_networks: DevelopmentNetworks = ""
    """For development: the only networks that webhooks are sent to, comma separated, over plain http too."""

    @field_validator("smtp_username")
    @classmethod
    def _never_in_clear(cls, value: str, others: ValidationInfo) -> str:
        if value and others.data.get("smtp_security") == "plain":
            raise ValueError("a password would cross the network in clear; use starttls or tls")
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if not is_email(parseaddr(value)[1]):
            raise ValueError(
                "must be an e-mail address, with a name before it if wanted: Directory <no-reply@example.com>"
            )
        return value

    @property
    def networks(self) -> tuple[destinations.Network, ...]:
        """The networks named for development."""
        return destinations.networks(self.webhook_allowed_networks)

    @property
    def database_url(self) -> str:
        """Address of the service's own database."""
        return self.database_url_notifications.get_secret_value()
