"""What leaves the database only sealed or signed, with a ring of keys, the first of which seals."""

from __future__ import annotations

import base64
import secrets

from chassis.errors import InvalidInput
from chassis.sealing import KeyRing
from cryptography.fernet import InvalidToken

from notifications.domain.happenings import Topic

_UNSUBSCRIBE = "unsubscribe"
_SECRET_BYTES = 32


def new_secret() -> str:
    """A secret of an endpoint as Standard Webhooks writes them: `whsec_` and base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


class SealingKeys(KeyRing):
    """Seals secrets of endpoints, each for its endpoint alone, and makes the tokens of links for unsubscribing."""

    def seal(self, webhook_id: str, secret: str) -> bytes:
        """What the database keeps."""
        return self._encrypt({"webhook_id": webhook_id, "secret": secret})

    def unseal(self, webhook_id: str, sealed: bytes) -> str:
        """What was sealed. Raises ValueError for another endpoint's, or where no key of the ring opens it."""
        try:
            plain = self._decrypt(sealed)
        except InvalidToken as error:
            raise ValueError("no key of the ring opens a sealed secret") from error
        if plain["webhook_id"] != webhook_id:
            raise ValueError("a sealed secret stands beside an endpoint that it does not belong to")
        return str(plain["secret"])

    def unsubscribe_token(self, person_id: str, organization_id: str, topic: Topic) -> str:
        """Whoever has it can turn these e-mails off, and nothing else."""
        plain = {"for": _UNSUBSCRIBE, "person": person_id, "organization": organization_id, "topic": topic.value}
        return self._encrypt(plain).decode()

    def unsubscription(self, token: str) -> tuple[str, str, Topic]:
        """Person, organization and topic of a token. Raises InvalidInput UNSUBSCRIBE_LINK_INVALID."""
        try:
            plain = self._decrypt(token.encode())
            if plain.get("for") == _UNSUBSCRIBE:
                return str(plain["person"]), str(plain["organization"]), Topic(plain["topic"])
        except (InvalidToken, ValueError, KeyError):
            pass
        raise InvalidInput("UNSUBSCRIBE_LINK_INVALID", "This link is not complete. Use the one in the e-mail.")
