"""What a review item is about: what changes with it, and what the checks found."""

from __future__ import annotations

from directory.submissions.v1.review_service_pb2 import GetReviewItemResponse
from sqlalchemy import Connection

from submissions.api.messages import differences, findings_messages
from submissions.api.server_probes import drift_message
from submissions.domain.review import ItemKind, ReviewItem
from submissions.store import review_items
from submissions.store.submissions import Submission


def put(response: GetReviewItemResponse, connection: Connection, item: ReviewItem, submission: Submission) -> None:
    """A revision with what is live, a submission with the one handed in before, tools with the approved ones."""
    findings = submission.findings
    if item.kind is ItemKind.REVISION:
        live, asked = review_items.contents(connection, item.review_item_id)
        response.before.CopyFrom(live)
        response.after.CopyFrom(asked)
        response.differences.extend(differences(live, asked))
        findings = review_items.findings(connection, item.review_item_id)
    elif item.kind is ItemKind.SUBMISSION:
        before, after = review_items.forms(connection, item)
        if before is not None and after is not None:
            response.before_form.CopyFrom(before)
            response.after_form.CopyFrom(after)
            response.differences.extend(differences(before, after))
    elif item.kind is ItemKind.DRIFT:
        response.drift.CopyFrom(drift_message(connection, item))
    response.findings.extend(findings_messages(findings))


def renames(connection: Connection, item: ReviewItem) -> bool:
    """Whether a published server gets another name, which people who use it know it by."""
    if item.kind is not ItemKind.REVISION:
        return False
    live, asked = review_items.contents(connection, item.review_item_id)
    return live.display_name != asked.display_name
