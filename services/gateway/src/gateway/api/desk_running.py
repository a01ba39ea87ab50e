"""Running the review desk: many items at once, who has what open, reviewers, ready-made words, figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from chassis.errors import InvalidInput, Violation
from directory.submissions.v1.review_desk_service_pb2 import (
    CannedResponse,
    DeleteCannedResponseRequest,
    DeskReviewer,
    GetReviewStatisticsRequest,
    GetReviewStatisticsResponse,
    ListCannedResponsesRequest,
    ListReviewersRequest,
    NoteReviewPresenceRequest,
    SaveCannedResponseRequest,
)
from directory.submissions.v1.review_service_pb2 import PresentReviewer
from flask import request as http
from pydantic import BaseModel, Field, StringConstraints

from gateway import bulk, problems
from gateway.api import blueprints
from gateway.api.answers import Answer
from gateway.api.desk import ITEM, Comment
from gateway.api.document import ETAG, IF_MATCH, WRITES_VERSION
from gateway.api.paths import CannedResponsePath, ReviewItemPath
from gateway.api.schemas import Body, Query, answer
from gateway.core import core
from gateway.etags import required_version, tag
from gateway.shapes import to_json

blueprint = blueprints.of_staff("review_desk", __name__)

CANNED = answer(CannedResponse.DESCRIPTOR)
ItemId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class SeenItem(Body):
    """An item, and the version that the caller has seen."""

    review_item_id: ItemId
    version: int = Field(ge=0, lt=2**63)


class ApprovalsBody(Body):
    """Which items to approve, with one comment for all."""

    items: list[SeenItem] = Field(min_length=1, max_length=bulk.MOST)
    comment: Comment = ""


class AssignmentsBody(Body):
    """Which items to give to whom; null gives them to nobody."""

    review_item_ids: list[ItemId] = Field(min_length=1, max_length=bulk.MOST)
    reviewer_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None


class Refusal(BaseModel):
    """Why nothing was done to an item."""

    code: str
    title: str
    detail: str


class ItemResult(BaseModel):
    """What became of one item."""

    review_item_id: str
    item: ITEM | None  # type: ignore[valid-type]
    problem: Refusal | None


class Results(BaseModel):
    """What became of each item, in the order of the request."""

    done: int
    refused: int
    results: list[ItemResult]


class PresenceBody(Body):
    """Whether the caller has closed the item."""

    leaving: bool = False


class Present(BaseModel):
    """Who else has the item open."""

    present: list[answer(PresentReviewer.DESCRIPTOR)]  # type: ignore[valid-type]


class Reviewers(BaseModel):
    """Reviewers who were at the desk within 30 days."""

    reviewers: list[answer(DeskReviewer.DESCRIPTOR)]  # type: ignore[valid-type]


class CannedQuery(Query):
    """For which item."""

    review_item_id: str = Field(
        default="", max_length=64, description="The item whose words are put into the placeholders."
    )


class CannedBody(Body):
    """A canned response: Markdown with placeholders {server_name}, {company_name}, {server_url}, {slug}."""

    title: Annotated[str, StringConstraints(max_length=100)]
    body: Annotated[str, StringConstraints(max_length=4000)]


class CannedResponses(BaseModel):
    """All canned responses by title."""

    canned_responses: list[CANNED]  # type: ignore[valid-type]


class StatisticsQuery(Query):
    """How far back."""

    weeks: int = Field(default=8, ge=1, le=52, description="Weeks, the present one included.")


@blueprint.post("/approvals", responses={200: Results})
def approve_items(body: ApprovalsBody) -> Answer:
    """Approve up to 100 items, each in a transaction of its own and each refused by itself.

    Items that others hold or that have blocking findings, new names, tool drift, appeals, replies and proposed
    rejections are refused.
    """
    _require_once([item.review_item_id for item in body.items], "/items")
    seen = [(item.review_item_id, item.version) for item in body.items]
    return _results(bulk.approve(core().backends, seen, comment=body.comment, key=_key()))


@blueprint.post("/assignments", responses={200: Results})
def assign_items(body: AssignmentsBody) -> Answer:
    """Give up to 100 items to a reviewer, to oneself, or to nobody; each is refused or done by itself."""
    _require_once(body.review_item_ids, "/review_item_ids")
    found = bulk.assign(core().backends, body.review_item_ids, person_id=body.reviewer_id or "", key=_key())
    return _results(found)


@blueprint.post("/items/<uuid:review_item_id>/presence", responses={200: Present})
def note_presence(path: ReviewItemPath, body: PresenceBody) -> Answer:
    """Say that the caller has the item open, and learn who else has. It is forgotten a minute later."""
    request = NoteReviewPresenceRequest(review_item_id=str(path.review_item_id), leaving=body.leaving)
    found = core().backends.review_desk.NoteReviewPresence(request)
    return {"present": [to_json(one) for one in found.present]}


@blueprint.get("/reviewers", responses={200: Reviewers})
def list_reviewers() -> Answer:
    """Whom items can be assigned to."""
    found = core().backends.review_desk.ListReviewers(ListReviewersRequest())
    return {"reviewers": [to_json(one) for one in found.reviewers]}


@blueprint.get("/statistics", responses={200: answer(GetReviewStatisticsResponse.DESCRIPTOR, name="ReviewStatistics")})
def get_review_statistics(query: StatisticsQuery) -> Answer:
    """The queue now, and each week's decisions, in all and by reviewer."""
    request = GetReviewStatisticsRequest(weeks=query.weeks)
    return to_json(core().backends.review_desk.GetReviewStatistics(request))


@blueprint.get("/responses", responses={200: CannedResponses})
def list_canned_responses(query: CannedQuery) -> Answer:
    """Words that stand ready; with an item, filled in for it."""
    request = ListCannedResponsesRequest(review_item_id=query.review_item_id)
    found = core().backends.review_desk.ListCannedResponses(request)
    return {"canned_responses": [to_json(one) for one in found.canned_responses]}


@blueprint.post("/responses", responses={201: CANNED}, openapi_extensions=ETAG)
def create_canned_response(body: CannedBody) -> Answer:
    """A new canned response. For lead reviewers."""
    request = SaveCannedResponseRequest(title=body.title, body=body.body)
    return _canned(core().backends.review_desk.SaveCannedResponse(request).canned_response, 201)


@blueprint.put("/responses/<uuid:canned_response_id>", responses={200: CANNED}, openapi_extensions=WRITES_VERSION)
def change_canned_response(path: CannedResponsePath, body: CannedBody) -> Answer:
    """Change a canned response. For lead reviewers."""
    request = SaveCannedResponseRequest(
        canned_response_id=str(path.canned_response_id), version=required_version(), title=body.title, body=body.body
    )
    return _canned(core().backends.review_desk.SaveCannedResponse(request).canned_response, 200)


@blueprint.delete("/responses/<uuid:canned_response_id>", responses={204: None}, openapi_extensions=IF_MATCH)
def delete_canned_response(path: CannedResponsePath) -> Answer:
    """Remove a canned response. For lead reviewers."""
    request = DeleteCannedResponseRequest(canned_response_id=str(path.canned_response_id), version=required_version())
    core().backends.review_desk.DeleteCannedResponse(request)
    return "", 204


def _key() -> str:
    return http.headers.get("Idempotency-Key", "")


def _require_once(ids: list[str], pointer: str) -> None:
    folded = [one.lower() for one in ids]
    repeated = [index for index, one in enumerate(folded) if one in folded[:index]]
    if repeated:
        message = "Name each review item once."
        violations = [Violation(f"{pointer}/{index}", "DUPLICATE_ITEM", message) for index in repeated]
        raise InvalidInput("REQUEST_INVALID", message, violations=violations)


def _results(found: Iterable[bulk.Result]) -> dict[str, Any]:
    results = [_result(one) for one in found]
    refused = sum(one["problem"] is not None for one in results)
    return {"done": len(results) - refused, "refused": refused, "results": results}


def _result(one: bulk.Result) -> dict[str, Any]:
    problem = problems.of(one.refusal) if one.refusal else None
    told = {"code": problem.code, "title": problem.title, "detail": problem.detail} if problem else None
    return {"review_item_id": one.review_item_id, "item": to_json(one.item) if one.item else None, "problem": told}


def _canned(response: CannedResponse, status: int) -> Answer:
    return to_json(response), status, {"ETag": tag(response.version)}
