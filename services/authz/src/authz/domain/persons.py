"""Who a sign-in is: rules of joining sign-ins, e-mail addresses and what was given to an address beforehand.

A person is the provider's issuer and subject; the address is only what the provider says of them. What a person may
do belongs to the person, never to the address: it stays when the address changes. At most one person *holds* an
address: whoever the provider last verified it for, or, before anybody did, a person *in waiting* who was made when an
owner or operator named the address. Rights given to an address go to its holder.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

MAX_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the provider says; empty or None is not said, and takes nothing away that it said before.

    The address is normal (see `normal_address`).
    """

    issuer: str
    subject: str
    email: str
    email_verified: bool | None
    name: str

    @property
    def proves_address(self) -> bool:
        """Whether the address is the person's for sure."""
        return bool(self.email and self.email_verified)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the address of a sign-in; in waiting if nobody has signed in as them."""

    person_id: str
    in_waiting: bool


class Joining(Enum):
    """What to do with the holder of the address of somebody who signs in."""

    NOTHING = auto()
    """The address is not verified, or nobody else holds it."""
    BECOME = auto()
    """First sign-in of the person in waiting."""
    ABSORB = auto()
    """A person known before takes over what the person in waiting was given."""
    DISPLACE = auto()
    """The provider gave the address to somebody new: its former holder keeps all rights but the address."""


def normal_address(email: str) -> str:
    """The address as it is compared and stored: trimmed, lower case."""
    return email.strip().lower()


def shown_name(text: str) -> str:
    """A provider's name of a person, fit for pages and headers: printable, on one line, at most 200 characters."""
    return "".join(character for character in text if character.isprintable()).strip()[:MAX_NAME_LENGTH]


def joining(sign_in: SignIn, *, known_person_id: str | None, holder: Holder | None) -> Joining:
    """How a sign-in meets the present holder of its address.

    `known_person_id` is the person of this issuer and subject, None at first sight.
    """
    if not sign_in.proves_address or holder is None or holder.person_id == known_person_id:
        return Joining.NOTHING
    if not holder.in_waiting:
        return Joining.DISPLACE
    return Joining.BECOME if known_person_id is None else Joining.ABSORB
