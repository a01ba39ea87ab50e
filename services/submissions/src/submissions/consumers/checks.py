"""The checks: takes what waits for them, speaks to the server, and moves the submission on.

Three steps, and nothing is locked during the second: 1. take a run for a while, 2. look at the server, 3. write what
came of it, if it still counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis import clock
from chassis.destinations import Network
from chassis.errors import NotFound
from chassis.logs import get_logger
from chassis.process import Stop, repeat
from chassis.sql.database import Database, UnitOfWork

from submissions.domain import checks, lifecycle
from submissions.domain.checks import Finding, Grade, Subject
from submissions.domain.lifecycle import Actor, Move
from submissions.domain.probe_findings import probe_findings
from submissions.domain.probe_report import TRANSIENT, Cause, Reach, Report
from submissions.store import check_subjects, look_alikes, moves, server_checks, submissions
from submissions.store.actors import SYSTEM
from submissions.store.moves import Said
from submissions.store.server_checks import Purpose, Run
from submissions.store.submissions import Submission, findings_json

POLL_SECONDS = 0.5

# That of a draft in which none is chosen yet.
USUAL_TRANSPORT = "streamable_http"


@dataclass(frozen=True, slots=True)
class Looking:
    """How a server is looked at.

    `look(url, transport)` speaks to it; a look that fails in a way that may pass is repeated up to `attempts` times,
    after `pause` and then twice as long each time. `networks` are those of `chassis.destinations`.
    """

    look: Callable[[str, str], Report]
    attempts: int
    pause: timedelta
    networks: tuple[Network, ...] = ()


class Checks:
    """Any number of replicas may run: each takes runs that no other has, of submissions or those by hand first."""

    def __init__(
        self, database: Database, looking: Looking, now: clock.Clock = clock.now, *, by_hand_first: bool = False
    ) -> None:
        self._database = database
        self._looking = looking
        self._now = now
        self._by_hand_first = by_hand_first

    def run(self, stop: Stop) -> None:
        """Checks what waits until told to stop."""
        repeat(stop, self.check_next, idle=POLL_SECONDS, waits="checks wait")

    def check_next(self) -> bool:
        """Checks one submission; False when none waits."""
        first = self._by_hand_first
        run = self._database.run(lambda uow: server_checks.take(uow.connection, now=self._now(), by_hand_first=first))
        if run is None:
            return False
        report, findings = self._looked_at(run)
        self._database.run(lambda uow: self._write(uow, run, report, findings))
        return True

    def _looked_at(self, run: Run) -> tuple[Report, list[Finding]]:
        """What is found, or that the look could not be finished: also where this went wrong, or was begun and never
        ended, as often as a look is repeated. What a stranger's server says must not hold up or end this process."""
        subject = check_subjects.of(run.submission, self._looking.networks)
        offline = checks.run(subject)
        if run.attempt <= self._looking.attempts:
            try:
                report = self._report(subject, offline)
                return report, _all(subject, offline, report)
            except Exception:
                get_logger().exception("a look went wrong", submission_id=run.submission.submission_id)
        report = Report(Reach.UNREACHABLE, Cause.UNFINISHED)
        return report, _all(subject, offline, report)

    def _report(self, subject: Subject, offline: list[Finding]) -> Report:
        # An address that is wrong on paper is not spoken to.
        wrong = any(found.field == "/server_url" and found.grade is Grade.BLOCK for found in offline)
        if wrong or not subject.server_url:
            return Report(Reach.LEFT_OUT, Cause.FORM)
        return self._looking.look(subject.server_url, subject.transport or USUAL_TRANSPORT)

    def _write(self, uow: UnitOfWork, run: Run, report: Report, findings: list[Finding]) -> None:
        log = get_logger().bind(submission_id=run.submission.submission_id, reach=report.reach.value)
        try:
            submission = submissions.of_anybody(uow.connection, run.submission.submission_id, lock=True)
        except NotFound:
            return  # deleted meanwhile
        if not server_checks.is_current(uow.connection, run, submission):
            log.info("checks overtaken")
            return
        findings = checks.gravest_first([*findings, *look_alikes.of(uow.connection, submission)])
        now = self._now()
        if self._worth_repeating(run, report, findings):
            server_checks.try_again(uow.connection, run, at=now + self._looking.pause * 2 ** (run.attempt - 1))
            log.info("checks put off", cause=report.cause.value, attempt=run.attempt)
            return
        if run.purpose is Purpose.SUBMIT:
            version = _move_on(uow, submission, findings, now).version
        else:
            version = run.submission.version
        server_checks.finish(uow.connection, run, report, findings, version=version, now=now)
        log.info("submission checked", purpose=run.purpose.value, findings=len(findings))

    def _worth_repeating(self, run: Run, report: Report, findings: list[Finding]) -> bool:
        # Somebody waits for a run by hand; and what is sent back anyway need not wait for its server.
        by_itself = run.purpose is Purpose.SUBMIT and run.attempt < self._looking.attempts
        return by_itself and report.cause in TRANSIENT and checks.outcome(findings) is Move.PASS_CHECKS


def _move_on(uow: UnitOfWork, submission: Submission, findings: list[Finding], now: datetime) -> Submission:
    move = checks.outcome(findings)
    row = lifecycle.step(submission.state, move, actors={Actor.SYSTEM}, ever_published=submission.ever_published)
    said = Said(comment=_sentence(move, findings), findings=findings)
    values = {"findings": findings_json(findings)}
    return moves.take(uow, submission, row, author=SYSTEM, now=now, said=said, values=values)


def _all(subject: Subject, offline: list[Finding], report: Report) -> list[Finding]:
    declared = {
        "transport": subject.transport,
        "authentication": subject.authentication,
        "data_access": subject.data_access,
    }
    return checks.gravest_first([*offline, *probe_findings(report, **declared)])


def _sentence(move: Move, findings: list[Finding]) -> str:
    blocking = sum(finding.grade is Grade.BLOCK for finding in findings)
    if move is Move.FAIL_CHECKS:
        return f"The automatic checks found {blocking} thing(s) to change before a reviewer looks at this."
    return "The automatic checks passed." if not findings else "The automatic checks passed, with remarks."
