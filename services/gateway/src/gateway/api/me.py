"""Who the caller is and what they may do where."""

from __future__ import annotations

from directory.authz.v1.organization_pb2 import Membership, Person
from pydantic import BaseModel

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.schemas import answer
from gateway.core import core
from gateway.shapes import to_json

blueprint = blueprints.personal("me", __name__)


class Me(BaseModel):
    """The caller."""

    person: answer(Person.DESCRIPTOR)  # type: ignore[valid-type]
    organizations: list[answer(Membership.DESCRIPTOR)]  # type: ignore[valid-type]
    invitations: list[answer(Membership.DESCRIPTOR)]  # type: ignore[valid-type]


@blueprint.get("/me", responses={200: Me})
def get_me() -> Answer:
    """The person with staff role, and each organisation with what it permits and, if not, why.

    `invitations` are for staff alone: memberships that are nothing until they accept them.
    """
    found = core().access.memberships()
    return {
        "person": to_json(found.person),
        "organizations": [to_json(membership) for membership in found.memberships],
        "invitations": [to_json(membership) for membership in found.invitations],
    }
