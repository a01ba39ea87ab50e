"""Settings of every process of listings, read once."""

from chassis.settings import ServiceSettings
from pydantic import SecretStr


class Settings(ServiceSettings):
    """Beside the common ones, where the database is."""

    database_url_listings: SecretStr
