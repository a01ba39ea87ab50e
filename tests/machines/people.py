"""Everybody who acts, and what each kind of person is answered whatever the state: by product.md, section 1."""

from __future__ import annotations

from dataclasses import dataclass

OWN, OTHER = "0197f000-0000-7000-8000-0000000000a1", "0197f000-0000-7000-8000-0000000000b2"


@dataclass(frozen=True)
class Somebody:
    name: str
    organization_id: str = ""
    may_manage: bool = True
    staff_role: str = ""
    belongs_to: tuple[str, ...] = ()


PEOPLE = {
    "ada": Somebody("Ada", OWN),
    "ben": Somebody("Ben", OWN),
    "member": Somebody("Mia Member", OWN, may_manage=False),
    "stranger": Somebody("Sten Stranger", OTHER),
    "rita": Somebody("Rita", staff_role="reviewer"),
    "ron": Somebody("Ron", staff_role="reviewer"),
    "lea": Somebody("Lea", staff_role="lead_reviewer"),
    "insider": Somebody("Ina Insider", staff_role="lead_reviewer", belongs_to=(OWN,)),
}
PUBLISHERS, REVIEWERS = ("ada", "ben"), ("rita", "ron", "lea")
STAFF = (*REVIEWERS, "insider")


def refused_as_publisher(who: str) -> int:
    """Status for who is no publisher of the organisation; 0 for who is."""
    if who in PUBLISHERS:
        return 0
    return 404 if who == "stranger" else 403


def refused_as_reviewer(who: str) -> int:
    """Status for who may not take part in a review of the organisation; 0 for who may."""
    return 0 if who in REVIEWERS else 403


def refused_as_lead(who: str) -> int:
    """Status for who may not move the organisation's submissions as a lead reviewer; 0 for who may."""
    return 0 if who == "lea" else 403
