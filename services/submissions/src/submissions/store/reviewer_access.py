"""Access for reviewers: sealed with a ring of keys, the first of which seals; opened for reviewers alone."""

from __future__ import annotations

from chassis.sealing import KeyRing
from directory.submissions.v1.submission_pb2 import ReviewerAccess


class SealingKeys(KeyRing):
    """Seals and opens. Each sealed text names its submission, so that it opens in no other place."""

    def seal(self, submission_id: str, access: ReviewerAccess) -> bytes:
        """What the database keeps."""
        plain = {
            "submission_id": submission_id,
            "instructions": access.instructions,
            "credentials": access.credentials,
        }
        return self._encrypt(plain)

    def unseal(self, submission_id: str, sealed: bytes | None) -> ReviewerAccess:
        """What was sealed; empty where nothing was. Raises ValueError for another submission's."""
        if sealed is None:
            return ReviewerAccess()
        plain = self._decrypt(sealed)
        if plain["submission_id"] != submission_id:
            raise ValueError("sealed access stands beside a submission that it does not belong to")
        return ReviewerAccess(instructions=plain["instructions"], credentials=plain["credentials"])
