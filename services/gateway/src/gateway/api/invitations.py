"""Memberships that staff take up themselves. A token cannot: that takes a person signed in."""

from __future__ import annotations

from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.paths import InvitationPath
from gateway.core import core

blueprint = blueprints.in_person("invitations", __name__)


@blueprint.post("/me/invitations/<uuid:invited_to>/accept", responses={204: None})
def accept_invitation(path: InvitationPath) -> Answer:
    """Take up a membership that waits for you (`invitations` of `/me`); you review nothing of the organisation then."""
    core().access.accept(str(path.invited_to))
    return "", 204
