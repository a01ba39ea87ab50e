"""Who can sign in: the ready people, and anybody else by e-mail address."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

# Subjects are computed from the address, so that they are the same after every restart without a database.
_SUBJECTS = uuid.UUID("5b8f4a5e-9c39-4d0a-8f3e-0c6a4b9d7e21")
_MAX_EMAIL = 254


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in. The address is lower case."""

    email: str
    name: str
    note: str = ""

    @property
    def subject(self) -> str:
        """The provider's id of the person (`sub`)."""
        return str(uuid.uuid5(_SUBJECTS, self.email))

    def get_user_id(self) -> str:
        """The subject, under the name that Authlib asks for."""
        return self.subject


def find(people: Iterable[Person], email: str) -> Person | None:
    """The ready person of that address, or a new one called after it; None when it is no address."""
    email = email.strip().lower()
    local, at, domain = email.partition("@")
    if not (local and at and domain) or "@" in domain or len(email) > _MAX_EMAIL or any(c.isspace() for c in email):
        return None
    ready = next((person for person in people if person.email == email), None)
    return ready or Person(email=email, name=local.replace(".", " ").title())
