"""The gateway's settings: the one place that reads the environment."""

from __future__ import annotations

from functools import cached_property

from chassis.setting_types import DatabaseUrl, Listen, Peer, WebUrl, WebUrlOrNothing
from chassis.settings import ServiceSettings
from pydantic import Field, SecretStr, field_validator

from gateway.registry import is_namespace, namespace_of


class Settings(ServiceSettings):
    """See README.md for what each is for."""

    http_listen: Listen = "0.0.0.0:8080"  # a container's own network
    public_url: WebUrl
    database_url_gateway: DatabaseUrl
    authz_address: Peer
    submissions_address: Peer
    listings_address: Peer
    metrics_address: Peer
    notifications_address: Peer
    oidc_issuer: WebUrl
    oidc_internal_url: WebUrlOrNothing = ""
    oidc_client_id: str = Field(min_length=1)
    oidc_client_secret: SecretStr
    session_key: SecretStr = Field(min_length=32)
    support_address: str
    # Before the slash of every server's name in the registry API; empty: PUBLIC_URL's host turned round.
    registry_namespace: str = ""
    # How many proxies of the operator's stand in front and set X-Forwarded-For and -Proto.
    trusted_proxies: int = Field(default=0, ge=0)
    # Requests a minute of one person or access token, for one organisation, and of one network address.
    caller_limit: int = Field(default=1200, ge=1)
    organization_limit: int = Field(default=6000, ge=1)
    address_limit: int = Field(default=6000, ge=1)

    @field_validator("registry_namespace")
    @classmethod
    def _reverse_dns(cls, value: str) -> str:
        if value and not is_namespace(value):
            raise ValueError("must be a domain turned round, for example com.example.directory")
        return value

    @cached_property
    def namespace(self) -> str:
        """What stands before the slash of servers' names."""
        return self.registry_namespace or namespace_of(self.public_url)

    @property
    def database_url(self) -> str:
        """Address of the service's own database."""
        return self.database_url_gateway.get_secret_value()

    @cached_property
    def is_https(self) -> bool:
        """Whether browsers reach the gateway by https: cookies are then Secure and bound to the host."""
        return self.public_url.startswith("https://")
