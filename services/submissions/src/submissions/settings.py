"""Settings of the submissions service."""

from __future__ import annotations

from chassis.settings import ServiceSettings
from cryptography.fernet import Fernet
from pydantic import SecretStr, field_validator


class SubmissionsSettings(ServiceSettings):
    """Read once when a process starts."""

    database_url_submissions: SecretStr
    sealing_keys: SecretStr
    """Fernet keys, comma separated: the first seals, all open."""

    @field_validator("sealing_keys")
    @classmethod
    def _are_keys(cls, keys: SecretStr) -> SecretStr:
        for key in _split(keys):
            try:
                Fernet(key)
            except ValueError:
                raise ValueError("a key is not a Fernet key (32 bytes, URL-safe base64)") from None
        if not _split(keys):
            raise ValueError("there is no key")
        return keys

    @property
    def database_url(self) -> str:
        """Address of the service's own database."""
        return self.database_url_submissions.get_secret_value()

    @property
    def sealing_key_ring(self) -> list[str]:
        """The keys, the sealing one first."""
        return _split(self.sealing_keys)


def _split(keys: SecretStr) -> list[str]:
    return [key.strip() for key in keys.get_secret_value().split(",") if key.strip()]
