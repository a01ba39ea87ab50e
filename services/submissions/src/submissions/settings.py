"""Settings of the submissions service."""

from __future__ import annotations

import json
from typing import Annotated
from uuid import UUID

from chassis import destinations
from chassis.sealing import SealingSettings
from chassis.setting_types import DatabaseUrl
from chassis.settings import DevelopmentNetworks
from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt
from pydantic_settings import NoDecode


def _json(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        raise ValueError('a JSON object of ids and numbers is needed: {"018f...": 1000}') from None


def _by_id(limits: dict[str, int]) -> dict[str, int]:
    try:
        return {str(UUID(organization_id)): limit for organization_id, limit in limits.items()}
    except ValueError:
        raise ValueError("an organization's id is a UUID") from None


# Decoded here: what pydantic-settings cannot decode it raises by itself, before it has looked at the others.
Limits = Annotated[dict[str, PositiveInt], NoDecode, BeforeValidator(_json), AfterValidator(_by_id)]


class Settings(SealingSettings):
    """Read once when a process starts."""

    database_url_submissions: DatabaseUrl
    probe_attempts: int = Field(default=3, ge=1, le=10)
    """Looks at a server that does not answer, before its submission goes on to the reviewers with a note."""
    probe_retry_seconds: float = Field(default=30.0, gt=0, le=3600)
    """From a look to the second one; then twice as long each time."""
    review_due_days: int = Field(default=7, ge=1, le=90)
    """Days that an item of the review desk may wait."""
    review_second_reviewer: bool = False
    """Rejections wait for a second reviewer before the publisher hears of them."""
    probe_allowed_networks: DevelopmentNetworks = ""
    """For development: the only networks whose servers are looked at, comma separated, over plain http too."""

    transfer_offer_days: int = Field(default=14, ge=1, le=365)
    """How long a server that is offered to another organization can be accepted."""
    daily_limit: int = Field(default=10, ge=1)
    """New submissions that an organization may start in 24 hours."""
    daily_limits: Limits = Field(default_factory=dict)
    """Of single organizations, by id, as a JSON object: for who brings many servers at once."""
    probe_interval_hours: float = Field(default=24.0, gt=0, le=168)
    """From a look at a published server to the next one."""
    probe_failures_told: int = Field(default=3, ge=1, le=30)
    """Daily looks in a row that fail before the publisher is told."""

    @property
    def networks(self) -> tuple[destinations.Network, ...]:
        """The networks named for development."""
        return destinations.networks(self.probe_allowed_networks)

    def limit_of(self, organization_id: str) -> int:
        """New submissions that this organization may start in 24 hours."""
        return self.daily_limits.get(organization_id, self.daily_limit)

    @property
    def database_url(self) -> str:
        """Address of the service's own database."""
        return self.database_url_submissions.get_secret_value()
