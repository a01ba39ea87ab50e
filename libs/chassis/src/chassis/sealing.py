"""What leaves a service's database only sealed, with a ring of keys, the first of which seals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from pydantic import SecretStr, field_validator

from chassis.settings import ServiceSettings


class SealingSettings(ServiceSettings):
    """Settings of a service that seals."""

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
    def sealing_key_ring(self) -> list[str]:
        """The keys, the sealing one first."""
        return _split(self.sealing_keys)


class KeyRing:
    """Seals and opens. Who seals puts into the text whose it is, so that it opens in no other place."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises ValueError when there is no key or one is not a Fernet key."""
        if not keys:
            raise ValueError("at least one sealing key is needed")
        self._ring = MultiFernet([Fernet(key) for key in keys])

    def reseal(self, sealed: bytes) -> bytes:
        """The same under the first key of the ring, so that the others can be thrown away."""
        return self._ring.rotate(sealed)

    def _encrypt(self, plain: Mapping[str, str]) -> bytes:
        return self._ring.encrypt(json.dumps(plain).encode())

    def _decrypt(self, sealed: bytes) -> Any:
        """Raises cryptography's InvalidToken where no key of the ring opens it."""
        return json.loads(self._ring.decrypt(sealed))


def _split(keys: SecretStr) -> list[str]:
    return [key.strip() for key in keys.get_secret_value().split(",") if key.strip()]
