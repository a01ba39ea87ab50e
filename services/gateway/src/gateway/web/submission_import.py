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

from gateway import bodies, edits, problems
from gateway.core import core
from gateway.web import field_errors, field_words, forms
from gateway.web.field_errors import NO_ERRORS, FieldErrors
from gateway.web.posting import once
from gateway.web.rendering import page, settings_crumbs
from gateway.web.submissions import blueprint, stored

_OUTCOMES = {
    calls.IMPORT_OUTCOME_TAKEN: ("Imported", "good"),
    calls.IMPORT_OUTCOME_KEPT: ("Not needed", "quiet"),
    calls.IMPORT_OUTCOME_LEFT_OUT: ("Left out", "attention"),
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
@bodies.takes_files(texts=bodies.MAX_UPLOAD)
def take_new(organization_id: UUID) -> ResponseReturnValue:
    """A new draft and the report."""
    return _take(organization_id, None)


@blueprint.get("/<uuid:submission_id>/import")
def import_into(organization_id: UUID, submission_id: UUID) -> str:
    """The page for a draft that is there."""
    return _page(organization_id, stored(submission_id), Given())


@blueprint.post("/<uuid:submission_id>/import")
@bodies.takes_files(texts=bodies.MAX_UPLOAD)
def take_into(organization_id: UUID, submission_id: UUID) -> ResponseReturnValue:
    """Its empty fields are filled in, and the report."""
    return _take(organization_id, stored(submission_id))


def _take(organization_id: UUID, into: Submission | None) -> ResponseReturnValue:
    document, url = forms.clean(request.form.get("document")), forms.clean(request.form.get("url"))
    try:
        document = _given(document, url)
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


def _given(document: str, url: str) -> str:
    """The document: the pasted one, the file's, or what stands at the address. Raises InvalidInput for none and for
    more than one, which might differ."""
    file = request.files.get("file")
    has_file = file is not None and bool(file.filename)
    if has_file + bool(document) + bool(url) > 1:
        advice = "Give the document, its file or its URL: one of them, and leave the others empty."
        raise _not_given("/url" if url else "/file", "TOO_MANY_ITEMS", advice)
    if has_file and file is not None:
        document = _text_of(file.read(field_words.MAX_DOCUMENT + 1))
    elif url:
        document = edits.fetch_document(core().backends, url)
    elif len(document.encode()) > field_words.MAX_DOCUMENT:
        raise _not_given("/document", "TOO_LONG", field_words.too_large(field_words.MAX_DOCUMENT))
    if not document:
        pointer = "/file" if has_file else "/document"
        raise _not_given(pointer, "REQUIRED", "Paste the document, choose its file, or give its URL.")
    return document


def _text_of(content: bytes) -> str:
    if len(content) > field_words.MAX_DOCUMENT:
        raise _not_given("/file", "TOO_LONG", field_words.too_large(field_words.MAX_DOCUMENT))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise _not_given("/file", "NOT_TEXT", "This file is no text. Choose the server.json itself.")
    return text.strip()


def _not_given(pointer: str, code: str, advice: str) -> InvalidInput:
    return InvalidInput("DOCUMENT_INVALID", "Not imported.", violations=[Violation(pointer, code, advice)])


def _remote() -> int | None:
    text = request.form.get("remote", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _refused(document: str, url: str, error: InvalidInput | Conflict | LimitExceeded | VersionMismatch) -> Given:
    # A page repeats no more than what a form may have.
    document = document if len(document) <= bodies.MAX_BODY else ""
    if error.reason == "REMOTE_NEEDED":
        remotes = tuple((each.field.rpartition("/")[2], each.message) for each in error.violations)
        told = FieldErrors("One thing to choose.", [("/remote", error.message)])
        # What was fetched stands in its field now.
        return Given(document, "", remotes, told)
    if error.reason == "DOCUMENT_INVALID":
        return Given(
            document, url, errors=FieldErrors(error.message, [_in_document(each) for each in error.violations])
        )
    return Given(document, url, errors=field_errors.of(error, title="Not imported."))


def _in_document(violation: Violation) -> tuple[str, str]:
    place = violation.field.removeprefix("/document")
    if violation.field in ("/remote", "/file", "/url") or not place:
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
