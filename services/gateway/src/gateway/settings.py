"""The gateway's settings: the one place that reads the environment."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import urlsplit

from chassis.settings import ServiceSettings
from pydantic import Field, SecretStr, field_validator

from gateway.registry import is_namespace, namespace_of


class Settings(ServiceSettings):
    """See README.md for what each is for."""

    http_listen: str = "0.0.0.0:8080"  # a container's own network
    public_url: str
    database_url_gateway: SecretStr
    authz_address: str
    submissions_address: str
    listings_address: str
    metrics_address: str
    notifications_address: str
    oidc_issuer: str
    oidc_internal_url: str = ""
    oidc_client_id: str
    oidc_client_secret: SecretStr
    session_key: SecretStr = Field(min_length=32)
    support_address: str
    # Before the slash of every server's name in the registry API; empty: PUBLIC_URL's host turned round.
    registry_namespace: str = ""
    # How many proxies of the operator's stand in front and set X-Forwarded-For and -Proto.
    trusted_proxies: int = 0
    # Requests a minute of one person or access token, for one organisation, and of one network address.
    caller_limit: int = 1200
    organization_limit: int = 6000
    address_limit: int = 6000

    @field_validator("public_url", "oidc_issuer", "oidc_internal_url")
    @classmethod
    def _without_trailing_slash(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("must be an http or https URL")
        return value.rstrip("/")

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
