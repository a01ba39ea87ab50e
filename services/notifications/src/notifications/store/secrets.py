"""What leaves the database only sealed or signed, with a ring of keys, the first of which seals."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence

from chassis.errors import InvalidInput
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from notifications.domain.happenings import Topic

_UNSUBSCRIBE = "unsubscribe"
_SECRET_BYTES = 32


def new_secret() -> str:
    """A secret of an endpoint as Standard Webhooks writes them: `whsec_` and base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


class SealingKeys:
    """Seals secrets of endpoints, each for its endpoint alone, and makes the tokens of links for unsubscribing."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises ValueError when there is no key or one is not a Fernet key."""
        if not keys:
            raise ValueError("at least one sealing key is needed")
        self._ring = MultiFernet([Fernet(key) for key in keys])

    def seal(self, webhook_id: str, secret: str) -> bytes:
        """What the database keeps."""
        return self._ring.encrypt(json.dumps({"webhook_id": webhook_id, "secret": secret}).encode())

    def unseal(self, webhook_id: str, sealed: bytes) -> str:
        """What was sealed. Raises ValueError for another endpoint's, or where no key of the ring opens it."""
        try:
            plain = json.loads(self._ring.decrypt(sealed))
        except InvalidToken as error:
            raise ValueError("no key of the ring opens a sealed secret") from error
        if plain["webhook_id"] != webhook_id:
            raise ValueError("a sealed secret stands beside an endpoint that it does not belong to")
        return str(plain["secret"])

    def reseal(self, sealed: bytes) -> bytes:
        """The same under the first key of the ring, so that the others can be thrown away."""
        return self._ring.rotate(sealed)

    def unsubscribe_token(self, person_id: str, organization_id: str, topic: Topic) -> str:
        """Whoever has it can turn these e-mails off, and nothing else."""
        plain = {"for": _UNSUBSCRIBE, "person": person_id, "organization": organization_id, "topic": topic.value}
        return self._ring.encrypt(json.dumps(plain).encode()).decode()

    def unsubscription(self, token: str) -> tuple[str, str, Topic]:
        """Person, organization and topic of a token. Raises InvalidInput UNSUBSCRIBE_LINK_INVALID."""
        try:
            plain = json.loads(self._ring.decrypt(token.encode()))
            if plain.get("for") == _UNSUBSCRIBE:
                return str(plain["person"]), str(plain["organization"]), Topic(plain["topic"])
        except (InvalidToken, ValueError, KeyError):
            pass
        raise InvalidInput("UNSUBSCRIBE_LINK_INVALID", "This link is not complete. Use the one in the e-mail.")
