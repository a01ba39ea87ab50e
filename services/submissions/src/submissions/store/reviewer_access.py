"""Access for reviewers: sealed with a ring of keys, the first of which seals; opened for reviewers alone."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet
from directory.submissions.v1.submission_pb2 import ReviewerAccess


class SealingKeys:
    """Seals and opens. Each sealed text names its submission, so that it opens in no other place."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises ValueError when there is no key or one is not a Fernet key."""
        if not keys:
            raise ValueError("at least one sealing key is needed")
        self._ring = MultiFernet([Fernet(key) for key in keys])

    def seal(self, submission_id: str, access: ReviewerAccess) -> bytes:
        """What the database keeps."""
        plain = {
            "submission_id": submission_id,
            "instructions": access.instructions,
            "credentials": access.credentials,
        }
        return self._ring.encrypt(json.dumps(plain).encode())

    def unseal(self, submission_id: str, sealed: bytes | None) -> ReviewerAccess:
        """What was sealed; empty where nothing was. Raises ValueError for another submission's."""
        if sealed is None:
            return ReviewerAccess()
        plain = json.loads(self._ring.decrypt(sealed))
        if plain["submission_id"] != submission_id:
            raise ValueError("sealed access stands beside a submission that it does not belong to")
        return ReviewerAccess(instructions=plain["instructions"], credentials=plain["credentials"])

    def reseal(self, sealed: bytes) -> bytes:
        """The same under the first key of the ring, so that the others can be thrown away."""
        return self._ring.rotate(sealed)
