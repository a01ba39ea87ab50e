"""Settings of listings' processes and commands, read once."""

from chassis.setting_types import DatabaseUrl
from chassis.settings import ServiceSettings
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from listings.domain import low_risk


class OperatorSettings(BaseSettings):
    """What an operator's commands need: the database alone."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url_listings: DatabaseUrl

    @property
    def database_url(self) -> str:
        """Address of the service's own database."""
        return self.database_url_listings.get_secret_value()


class Settings(OperatorSettings, ServiceSettings):
    """Beside these, what may go live without a person."""

    auto_apply_fields: str = ""
    """Fields, comma separated, whose edits by a trusted publisher go live without a review; none unless said."""

    daily_icon_limit: int = Field(default=50, ge=1)
    """How many different icons an organization may upload in 24 hours."""

    @field_validator("auto_apply_fields")
    @classmethod
    def _are_of_little_risk(cls, fields: str) -> str:
        low_risk.chosen(fields)
        return fields
