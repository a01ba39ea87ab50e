"""What still stands in the way of submitting a form."""

from __future__ import annotations

from chassis import rules
from chassis.errors import Violation
from directory.submissions.v1 import submission_pb2
from directory.submissions.v1.submission_pb2 import SubmissionForm

_NO_ACCESS_NEEDED = (
    submission_pb2.AUTHENTICATION_MODE_UNSPECIFIED,
    submission_pb2.AUTHENTICATION_MODE_NONE,
)


def problems(form: SubmissionForm, *, has_instructions: bool, has_credentials: bool) -> list[Violation]:
    """Everything that is missing. Reviewers need a way in wherever the server asks people to authenticate."""
    found = rules.missing(form)
    found += access_problems(form, has_instructions=has_instructions, has_credentials=has_credentials)
    return found


def access_problems(form: SubmissionForm, *, has_instructions: bool, has_credentials: bool) -> list[Violation]:
    """What is missing of the access for reviewers."""
    if form.authentication in _NO_ACCESS_NEEDED:
        return []
    given = {"instructions": has_instructions, "credentials": has_credentials}
    return [
        Violation(f"/reviewer_access/{name}", "REQUIRED", "Reviewers need this to try the server; fill it in.")
        for name, is_given in given.items()
        if not is_given
    ]
