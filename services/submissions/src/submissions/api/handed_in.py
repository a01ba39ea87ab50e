"""What reviewers see of a submission: what was handed in, and never what its publisher alone works on."""

from __future__ import annotations

from dataclasses import replace

from chassis.errors import Conflict
from directory.submissions.v1.submission_pb2 import Checks, SubmissionForm
from sqlalchemy import Connection

from submissions.api.checks import checks_message
from submissions.domain import lifecycle
from submissions.domain.review import ItemKind, ItemState, ReviewItem
from submissions.store import review_items, server_checks
from submissions.store.submissions import Submission


def submission_of(connection: Connection, item: ReviewItem, submission: Submission) -> Submission:
    """The submission without edits that were not handed in.

    An open review is of the form as it is, since nobody edits that meanwhile; one that is over has the form that it was
    of. Beside other items stands the form as it is where it can't be edited, else the one that was handed in last; of
    what came back before anybody reviewed it there is none yet, and reviewers who are asked about it see it as it is.
    """
    is_review = item.kind is ItemKind.SUBMISSION
    if item.state is ItemState.OPEN if is_review else submission.state not in lifecycle.EDITED_BY_PUBLISHER:
        return submission
    _, form = review_items.forms(connection, item)
    if form is None and submission.state not in lifecycle.NOT_SUBMITTED:
        return submission
    form = form or SubmissionForm()
    words = form.listing
    return replace(submission, form=form, display_name=words.display_name, tagline=words.tagline, icon_id=words.icon_id)


def checks_of(connection: Connection, submission: Submission) -> Checks:
    """The last checks; those of a draft are run by hand, and are its publisher's."""
    if submission.state in lifecycle.NOT_SUBMITTED:
        return Checks()
    return checks_message(server_checks.find(connection, submission.submission_id))


def require(submission: Submission) -> None:
    """Raises Conflict NOT_SUBMITTED for a draft and for what was withdrawn."""
    if submission.state in lifecycle.NOT_SUBMITTED:
        message = "The submission is not handed in at present. Its access can be opened once it is submitted again."
        raise Conflict("NOT_SUBMITTED", message, state=submission.state.value)
