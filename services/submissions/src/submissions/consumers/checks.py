"""The checks: takes what waits in `checking`, looks at it, and moves it on."""

from __future__ import annotations

from chassis import clock
from chassis.errors import Unavailable
from chassis.logs import get_logger
from chassis.process import Stop
from chassis.sql.database import Database, UnitOfWork
from directory.submissions.v1 import submission_pb2
from directory.submissions.v1.submission_pb2 import SubmissionForm

from submissions.domain import checks, lifecycle
from submissions.domain.checks import Finding, Grade, Subject
from submissions.domain.lifecycle import Actor, Move
from submissions.store import look_alikes, moves, submissions
from submissions.store.actors import SYSTEM
from submissions.store.completeness import problems
from submissions.store.moves import Said
from submissions.store.submissions import Submission, findings_json

POLL_SECONDS = 0.5

_LINKS = ("documentation_url", "privacy_policy_url", "support_contact", "company_website")


class Checks:
    """Any number of replicas may run: each takes rows that no other has."""

    def __init__(self, database: Database, now: clock.Clock = clock.now) -> None:
        self._database = database
        self._now = now

    def run(self, stop: Stop) -> None:
        """Checks what waits until told to stop."""
        while not stop.is_set():
            try:
                found = self.check_next()
            except Unavailable:
                get_logger().warning("checks wait for the database")
                found = False
            if not found:
                stop.wait(POLL_SECONDS)

    def check_next(self) -> bool:
        """Checks one submission; False when none waits."""
        return self._database.run(self._check)

    def _check(self, uow: UnitOfWork) -> bool:
        submission = submissions.next_to_check(uow.connection)
        if submission is None:
            return False
        findings = [*checks.run(_subject(submission)), *look_alikes.of(uow.connection, submission)]
        findings = checks.gravest_first(findings)
        move = checks.outcome(findings)
        row = lifecycle.step(submission.state, move, actors={Actor.SYSTEM}, ever_published=submission.ever_published)
        said = Said(comment=_sentence(move, findings), findings=findings)
        values = {"findings": findings_json(findings)}
        moves.take(uow, submission, row, author=SYSTEM, now=self._now(), said=said, values=values)
        get_logger().info("submission checked", submission_id=submission.submission_id, move=move.value)
        return True


def _subject(submission: Submission) -> Subject:
    form = submission.form or SubmissionForm()
    listing = form.listing
    return Subject(
        server_url=form.server_url,
        transport=submission_pb2.Transport.Name(form.transport).removeprefix("TRANSPORT_").lower(),
        slug=form.slug,
        display_name=listing.display_name,
        tagline=listing.tagline,
        description=listing.description,
        api_ownership=submission_pb2.ApiOwnership.Name(form.api_ownership).removeprefix("API_OWNERSHIP_").lower(),
        health_data=form.health_data,
        sponsored_content=form.sponsored_content,
        links={f"/listing/{name}": getattr(listing, name) for name in _LINKS},
        problems=problems(
            form, has_instructions=submission.has_instructions, has_credentials=submission.has_credentials
        ),
    )


def _sentence(move: Move, findings: list[Finding]) -> str:
    blocking = sum(finding.grade is Grade.BLOCK for finding in findings)
    if move is Move.FAIL_CHECKS:
        return f"The automatic checks found {blocking} thing(s) to change before a reviewer looks at this."
    return "The automatic checks passed." if not findings else "The automatic checks passed, with remarks."
