"""One act on many review items: each by a call of its own, with a result of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from chassis.errors import DirectoryError, Unauthenticated
from chassis.rpc import client
from directory.submissions.v1.review_desk_service_pb2 import AssignReviewItemRequest
from directory.submissions.v1.review_service_pb2 import DecideReviewItemRequest, Decision, ReviewItem

from gateway.backends import Backends

MOST = 100


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one item: how it is now, or why nothing was done to it."""

    review_item_id: str
    item: ReviewItem | None
    refusal: DirectoryError | None


def approve(backends: Backends, seen: Iterable[tuple[str, int]], *, comment: str, key: str) -> list[Result]:
    """Approves items as the caller has `seen` them: id and version. `key` makes the whole repeatable, if not empty."""
    versions = dict(seen)

    def act(review_item_id: str) -> ReviewItem:
        request = DecideReviewItemRequest(
            review_item_id=review_item_id,
            version=versions[review_item_id],
            decision=Decision.DECISION_APPROVE,
            comment=comment,
            in_bulk=True,
        )
        return backends.review.DecideReviewItem(request).item

    return _each(versions, act, key)


def assign(backends: Backends, review_item_ids: Iterable[str], *, person_id: str, key: str) -> list[Result]:
    """Gives items to a reviewer; to nobody where `person_id` is empty."""

    def act(review_item_id: str) -> ReviewItem:
        request = AssignReviewItemRequest(review_item_id=review_item_id, person_id=person_id)
        return backends.review_desk.AssignReviewItem(request).item

    return _each(dict.fromkeys(review_item_ids), act, key)


def _each(ids: Iterable[str], act: Callable[[str], ReviewItem], key: str) -> list[Result]:
    return [_result(review_item_id, act, key) for review_item_id in ids]


def _result(review_item_id: str, act: Callable[[str], ReviewItem], key: str) -> Result:
    own_key = str(uuid5(NAMESPACE_URL, f"{key}\n{review_item_id}")) if key else ""
    try:
        with client.idempotency_key(own_key):
            return Result(review_item_id, act(review_item_id), None)
    except Unauthenticated:
        raise
    except DirectoryError as error:
        if error.reason == "STAFF_REQUIRED":  # of the caller, not of this item
            raise
        return Result(review_item_id, None, error)
