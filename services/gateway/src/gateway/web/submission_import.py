"""Importing a server.json: pasted, uploaded or fetched; a new draft, or the empty fields of one that is there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.errors import Conflict, InvalidInput, LimitExceeded, VersionMismatch, Violation
from directory.submissions.v1 import submissions_service_pb2 as calls
from directory.submissions.v1.submission_pb2 import Submission
from directory.submissions.v1.submissions_service_pb2 import ImportServerDocumentResponse
from flask import request, url_for
from flask.typing import ResponseReturnValue

from gateway import edits, problems
from gateway.core import core
from gateway.web import field_errors, forms
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.posting import once
from gateway.web.rendering import page, settings_crumbs
from gateway.web.submissions import blueprint, stored

_OUTCOMES = {
    calls.IMPORT_OUTCOME_TAKEN: ("Taken", "good"),
    calls.IMPORT_OUTCOME_KEPT: ("Not needed", "quiet"),
    calls.IMPORT_OUTCOME_LEFT_OUT: ("Not taken", "attention"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """What was given to import, and which of its remotes can be chosen: position and words of each."""

    document: str = ""
    url: str = ""
    remotes: tuple[tuple[str, str], ...] = ()
    errors: FieldErrors = NO_ERRORS


@blueprint.get("/import")
def import_new(organization_id: UUID) -> str:
    """The page for a new draft."""
    return _page(organization_id, None, Given())


@blueprint.post("/import")
def take_new(organization_id: UUID) -> ResponseReturnValue:
    """A new draft and the report."""
    return _take(organization_id, None)


@blueprint.get("/<uuid:submission_id>/import")
def import_into(organization_id: UUID, submission_id: UUID) -> str:
    """The page for a draft that is there."""
    return _page(organization_id, stored(submission_id), Given())


@blueprint.post("/<uuid:submission_id>/import")
def take_into(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """Its empty fields are filled in, and the report."""
    return _take(organization_id, stored(submission_id))


def _take(organization_id: UUID, into: Submission | None) -> ResponseReturnValue:
    document, url = _document(), forms.clean(request.form.get("url"))
    try:
        if not document:
            document = edits.fetch_document(core().backends, url) if url else ""
        if not document:
            nothing = Violation("/document", "REQUIRED", "Paste the document, choose its file, or give its address.")
            raise InvalidInput("DOCUMENT_INVALID", "Nothing was given.", violations=[nothing])
        with once("import"):
            found = edits.import_document(
                core().backends,
                document,
                remote=_remote(),
                submission_id=into.submission_id if into else "",
                version=forms.version_of(request.form),
            )
    except (InvalidInput, Conflict, LimitExceeded, VersionMismatch) as error:
        return _page(organization_id, into, _refused(document, url, error)), problems.of(error).status
    return _report(organization_id, found)


def _document() -> str:
    file = request.files.get("file")
    if file is not None and file.filename:
        content: bytes = file.read()
        return content.decode("utf-8", errors="replace")
    return forms.clean(request.form.get("document"))


def _remote() -> int | None:
    text = request.form.get("remote", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _refused(document: str, url: str, error: InvalidInput | Conflict | LimitExceeded | VersionMismatch) -> Given:
    if error.reason == "REMOTE_NEEDED":
        remotes = tuple((each.field.rpartition("/")[2], each.message) for each in error.violations)
        told = FieldErrors("One thing to choose.", [("/remote", error.message)])
        return Given(document, url, remotes, told)
    if error.reason == "DOCUMENT_INVALID":
        return Given(
            document, url, errors=FieldErrors(error.message, [_in_document(each) for each in error.violations])
        )
    return Given(document, url, errors=field_errors.of(error, title="Not imported."))


def _in_document(violation: Violation) -> tuple[str, str]:
    place = violation.field.removeprefix("/document")
    if violation.field == "/remote" or not place:
        return violation.field, violation.message
    return "/document", f"{place}: {violation.message}"


def _page(organization_id: UUID, into: Submission | None, given: Given) -> str:
    crumbs: tuple[tuple[str, str], ...] = (("Import", ""),)
    if into is not None:
        address = url_for("submissions.detail", organization_id=organization_id, submission_id=into.submission_id)
        crumbs = ((into.display_name or "Unnamed submission", address), ("Import", ""))
    return page(
        "submissions/import.html",
        section="directory",
        crumbs=settings_crumbs(organization_id, *crumbs),
        submission=into,
        document=given.document,
        url=given.url,
        remotes=given.remotes,
        chosen=request.form.get("remote", ""),
        errors=given.errors,
    )


def _report(organization_id: UUID, found: ImportServerDocumentResponse) -> str:
    submission = found.submission
    here: dict[str, Any] = {"organization_id": organization_id, "submission_id": submission.submission_id}
    name = submission.display_name or "Unnamed submission"
    return page(
        "submissions/imported.html",
        section="directory",
        crumbs=settings_crumbs(organization_id, (name, url_for("submissions.detail", **here)), ("Imported", "")),
        submission=submission,
        parts=found.parts,
        outcomes=_OUTCOMES,
        taken=sum(part.outcome == calls.IMPORT_OUTCOME_TAKEN for part in found.parts),
        edit_address=url_for("submissions.edit", **here),
    )
