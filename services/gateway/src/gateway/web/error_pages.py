"""Pages for what went wrong: why, what can be done, and who can help."""

from typing import Final
from urllib.parse import urlsplit

from chassis.errors import DirectoryError
from directory.authz.v1 import organization_pb2 as authz
from directory.authz.v1.administration_service_pb2 import GetOrganizationRequest
from directory.authz.v1.organization_pb2 import Member, Membership
from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from gateway.core import core
from gateway.problems import Problem
from gateway.web import field_words, form_addresses, scope, words
from gateway.web.rendering import page, settings_crumbs, viewer

_OWNERS: Final = (authz.ROLE_PRIMARY_OWNER, authz.ROLE_OWNER)
_NO_ACCESS: Final = ("PLAN_WITHOUT_DASHBOARD", "DIRECTORY_MANAGEMENT_REQUIRED")
_TITLES: Final = {
    404: "This page does not exist",
    405: "This can’t be done here",
    413: "That is too large",
    429: "A little slower, please",
    500: "Something went wrong on our side",
    503: "This is not available at present",
}
# A form sent after the session ended is refused before it is read, and its page can't be loaded again either.
_NOT_TAKEN: Final = ("SIGN_IN_REQUIRED", "CSRF_FAILED")
_TYPED: Final = ("/", "comment", "body", "message", "note")
_NOT_TYPED: Final = (
    "/reviewer_access/credentials",
    "/acknowledgements",
    "/health_data",
    "/sponsored_content",
    "/icon_id",
    "/listing/icon_id",
)
_EXPLANATIONS: Final = {
    413: "Go back to the form, where browsers keep what you typed, and send less: a smaller file or a shorter text.",
    404: "It may have been deleted, or you may be signed in with another account than the one that can see it.",
    500: "Nothing of what you sent was lost on our account. Please try again; if it stays so, write to us.",
    503: "A part of the directory does not answer. It usually comes back within a minute: please try again.",
}


def render(problem: Problem) -> ResponseReturnValue:
    """The page for a problem. Visitors who need to sign in are sent there, and come back; who opens what only a form
    is sent to is led to its page."""
    if problem.code == "SIGN_IN_REQUIRED" and request.method == "GET":
        return redirect(url_for("signin.sign_in", next=_here()))
    if problem.status == 405 and request.method in ("GET", "HEAD"):
        return redirect(form_addresses.page_above(request.path))
    if problem.code in _NO_ACCESS and (membership := _membership()):
        return _no_access(problem, membership), problem.status
    typed = _typed() if problem.code in _NOT_TAKEN else []
    body = page(
        "errors.html",
        problem=problem,
        title=_TITLES.get(problem.status, problem.title),
        explanation=_explanation(problem),
        typed=typed,
        possible=[word for word in words.possible_moves(",".join(problem.possible)).split(",") if word.strip()],
        back=_referrer() if request.method == "POST" else "",
        come_back_to=_here() if request.method == "GET" else urlsplit(_referrer()).path or "/",
    )
    return body, problem.status, problem.headers


def _explanation(problem: Problem) -> str:
    if problem.code == "SIGN_IN_REQUIRED":
        return "You are no longer signed in, so nothing was saved. Sign in and do it again."
    return _EXPLANATIONS.get(problem.status, problem.detail)


def _typed() -> list[tuple[str, str]]:
    # Only what was typed on a page of ours: another site could else put its words on this one.
    if request.method != "POST" or not _referrer():
        return []
    try:
        posted = list(request.form.items(multi=True))
    except HTTPException:
        return []
    texts = [(name, text) for name, text in posted if name.startswith(_TYPED) and text.strip()]
    return [(name, text) for name, text in texts if not name.startswith(_NOT_TYPED) and name not in field_words.CHOICES]


def _no_access(problem: Problem, membership: Membership) -> str:
    organization = membership.organization
    return page(
        "dashboard/no_access.html",
        section="directory",
        crumbs=settings_crumbs(organization.organization_id),
        organization=organization,
        membership=membership,
        title=problem.title,
        reason=problem.code,
        # Owners can't help with the plan: the directory's operators set it.
        owners=[] if problem.code == "PLAN_WITHOUT_DASHBOARD" else _owners(organization.organization_id),
    )


def _membership() -> Membership | None:
    wanted, person = scope.organization_id(), viewer()
    memberships = person.memberships if person else ()
    return next((one for one in memberships if one.organization.organization_id == wanted), None)


def _owners(organization_id: str) -> list[Member]:
    try:
        with core().access.acting(organization_id):
            found = core().backends.administration.GetOrganization(GetOrganizationRequest())
    except DirectoryError:
        return []
    return [member for member in found.members if member.role in _OWNERS]


def _here() -> str:
    return request.full_path if request.query_string else request.path


def _referrer() -> str:
    referrer, root = request.referrer or "", request.host_url
    return referrer if referrer.startswith(root) else ""
