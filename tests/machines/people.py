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
PUBLISHERS, REVIEWERS = ("ada", "ben", "stranger"), ("rita", "ron", "lea")
STAFF = (*REVIEWERS, "insider")


def other_than(organization_id: str) -> str:
    return OTHER if organization_id == OWN else OWN


def publishers_of(owner: str) -> list[str]:
    """Who may act for an organisation."""
    return [who for who, somebody in PEOPLE.items() if somebody.organization_id == owner and somebody.may_manage]


def refused_as_publisher(who: str, owner: str) -> int:
    """Status for who is no publisher of the owner; 0 for who is."""
    if not PEOPLE[who].organization_id or not PEOPLE[who].may_manage:
        return 403
    return 0 if PEOPLE[who].organization_id == owner else 404


def refused_as_reviewer(who: str, concerned: set[str]) -> int:
    """Status for who may not take part in a review that concerns these organisations; 0 for who may."""
    return 0 if who in STAFF and concerned.isdisjoint(PEOPLE[who].belongs_to) else 403


def refused_as_lead(who: str, concerned: set[str]) -> int:
    """Status for who may not move what concerns these organisations as a lead reviewer; 0 for who may."""
    return 0 if refused_as_reviewer(who, concerned) == 0 and is_lead(who) else 403


def is_lead(who: str) -> bool:
    return PEOPLE[who].staff_role == "lead_reviewer"
