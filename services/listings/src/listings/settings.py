"""Settings of every process of listings, read once."""

from chassis.settings import ServiceSettings
from pydantic import Field, SecretStr, field_validator

from listings.domain import low_risk


class Settings(ServiceSettings):
    """Beside the common ones, where the database is and what may go live without a person."""

    database_url_listings: SecretStr
    auto_apply_fields: str = ""
    """Fields, comma separated, whose edits by a trusted publisher go live without a review; none unless said."""

    daily_icon_limit: int = Field(default=50, ge=1)
    """How many different icons an organization may upload in 24 hours."""

    @field_validator("auto_apply_fields")
    @classmethod
    def _are_of_little_risk(cls, fields: str) -> str:
        low_risk.chosen(fields)
        return fields
