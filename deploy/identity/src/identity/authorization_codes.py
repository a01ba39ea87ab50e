"""Authorization codes: in memory, good for a minute and for one use."""

import threading
import time
from dataclasses import dataclass

from identity.people import Person

LIFETIME_SECONDS = 60


@dataclass(frozen=True)
class AuthorizationCode:
    """What a code stands for; the getters have the names that Authlib asks for."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    person: Person
    auth_time: int
    expires_at: float

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What was asked for."""
        return self.scope

    def get_nonce(self) -> str:
        """The client's nonce, or nothing."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the person signed in, in seconds since 1970."""
        return self.auth_time

    def get_acr(self) -> None:
        """No authentication class."""

    def get_amr(self) -> None:
        """No authentication method: nobody proves anything here."""


class AuthorizationCodes:
    """The codes that were given out and not yet used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: dict[str, AuthorizationCode] = {}

    def add(self, code: AuthorizationCode) -> None:
        """Keeps a code, and forgets those that ended."""
        now = time.monotonic()
        with self._lock:
            self._codes = {key: kept for key, kept in self._codes.items() if kept.expires_at > now}
            self._codes[code.code] = code

    def take(self, code: str) -> AuthorizationCode | None:
        """The code's meaning, once: whoever asks again, also after a failed exchange, gets None."""
        with self._lock:
            kept = self._codes.pop(code, None)
        return kept if kept and kept.expires_at > time.monotonic() else None
