"""Importing server.json documents of the MCP Registry."""

from __future__ import annotations

import json
from typing import Any

from chassis.errors import InvalidInput, Violation
from directory.submissions.v1.submissions_service_pb2 import (
    GetSubmissionRequest,
    ImportedPart,
    ImportServerDocumentResponse,
)
from pydantic import BaseModel, Field

from gateway import edits
from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.document import ETAG, WRITES_VERSION
from gateway.api.paths import OrganizationPath, SubmissionPath
from gateway.api.schemas import Body, answer
from gateway.api.submissions import SUBMISSION
from gateway.core import core
from gateway.etags import required_version, tag
from gateway.shapes import to_json

blueprint = blueprints.of_managers("imports", __name__, below="/submissions")


class ImportBody(Body):
    """A server.json, itself or by its address: one of the two."""

    document: dict[str, Any] | None = Field(
        default=None, description="The document, or a registry's answer that holds one under `server`."
    )
    url: str | None = Field(default=None, max_length=2048, description="https address of the document.")
    remote: int | None = Field(
        default=None, ge=0, lt=2**31, description="Which of its remotes, from 0, where several could be."
    )


class Imported(BaseModel):
    """The draft, and what became of each part of the document."""

    submission: SUBMISSION  # type: ignore[valid-type]
    parts: list[answer(ImportedPart.DESCRIPTOR)]  # type: ignore[valid-type]


@blueprint.post("/import", responses={201: Imported}, openapi_extensions=ETAG)
def import_submission(path: OrganizationPath, body: ImportBody) -> Answer:
    """Start a draft with what a server.json says."""
    found = _imported(body)
    location = f"/api/v1/organizations/{path.organization_id}/submissions/{found.submission.submission_id}"
    return _answer(found), 201, {"ETag": tag(found.submission.version), "Location": location}


@blueprint.post("/<uuid:submission_id>/import", responses={200: Imported}, openapi_extensions=WRITES_VERSION)
def import_into_submission(path: SubmissionPath, body: ImportBody) -> Answer:
    """Fill the empty fields of a submission with what a server.json says; what the form says already stays."""
    version, submission_id = required_version(), str(path.submission_id)
    # Before anything is fetched for it.
    core().backends.submissions.GetSubmission(GetSubmissionRequest(submission_id=submission_id))
    found = _imported(body, submission_id=submission_id, version=version)
    return _answer(found), 200, {"ETag": tag(found.submission.version)}


def _imported(body: ImportBody, *, submission_id: str = "", version: int = 0) -> ImportServerDocumentResponse:
    if (body.document is None) == (body.url is None):
        message = "Give either the document or its address."
        raise InvalidInput("REQUEST_INVALID", message, violations=[Violation("/document", "REQUIRED", message)])
    document = json.dumps(body.document) if body.url is None else edits.fetch_document(core().backends, body.url)
    return edits.import_document(
        core().backends, document, remote=body.remote, submission_id=submission_id, version=version
    )


def _answer(found: ImportServerDocumentResponse) -> dict[str, Any]:
    return {"submission": to_json(found.submission), "parts": [to_json(part) for part in found.parts]}
