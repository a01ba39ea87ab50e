"""The daily looks at published servers: what they answer, and whether their tools are still the approved ones.

Three steps, as for the checks, and nothing is locked during the second: 1. take a look that is due, 2. speak to the
server, 3. write what came of it, if it still counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis import clock
from chassis.errors import NotFound
from chassis.logs import get_logger
from chassis.process import Stop, repeat
from chassis.sql.database import Database, UnitOfWork

from submissions.consumers.checks import POLL_SECONDS, USUAL_TRANSPORT, Looking
from submissions.domain import checks, endpoint_health, tool_drift
from submissions.domain.checks import Finding, Grade, Subject
from submissions.domain.endpoint_health import Standing
from submissions.domain.probe_report import TRANSIENT, Cause, Reach, Report, digest
from submissions.domain.tool_drift import ToolChange
from submissions.domain.tool_findings import tool_findings, word_findings
from submissions.store import (
    approved_tools,
    check_subjects,
    drift_moves,
    endpoint_moves,
    server_probes,
    submissions,
    tool_drifts,
)
from submissions.store.approved_tools import Approved
from submissions.store.server_probes import Look
from submissions.store.submissions import Submission

# Servers that are new, and looks that were missed, are looked for this often.
_TIDY_EVERY = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often each server is looked at, and after how many failures in a row its publisher is told."""

    interval: timedelta
    failures_told: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look brought, and what is found in the tools; `astray` names those whose words could mislead the model."""

    report: Report
    findings: tuple[Finding, ...] = ()
    astray: frozenset[str] = frozenset()


class Probes:
    """Any number of replicas may run: each takes looks that no other has, those by hand or the daily ones first."""

    def __init__(
        self,
        database: Database,
        looking: Looking,
        schedule: Schedule,
        now: clock.Clock = clock.now,
        *,
        by_hand_first: bool = True,
    ) -> None:
        self._by_hand_first = by_hand_first
        self._database = database
        self._looking = looking
        self._schedule = schedule
        self._now = now
        self._tidied_at: datetime | None = None

    def run(self, stop: Stop) -> None:
        """Looks at what is due until told to stop."""
        repeat(stop, self._tidy_and_look, idle=POLL_SECONDS, waits="looks at servers wait")

    def _tidy_and_look(self) -> bool:
        self.tidy_now_and_then()
        return self.look_at_next()

    def tidy_now_and_then(self) -> None:
        """Gives new servers their times, and looks that were missed the next ones."""
        now, interval = self._now(), self._schedule.interval
        if self._tidied_at is not None and now - self._tidied_at < _TIDY_EVERY:
            return
        new = self._database.run(lambda uow: server_probes.enrol(uow.connection, now=now, interval=interval))
        late = self._database.run(lambda uow: server_probes.put_off(uow.connection, now=now, interval=interval))
        if new or late:
            get_logger().info("looks at servers planned", new=new, put_off=late)
        self._tidied_at = now

    def look_at_next(self) -> bool:
        """Looks at one server; False when none is due."""
        first = self._by_hand_first
        look = self._database.run(lambda uow: server_probes.take(uow.connection, now=self._now(), by_hand_first=first))
        if look is None:
            return False
        subject = check_subjects.of(look.submission, self._looking.networks)
        seen = self._seen(look, subject)
        self._database.run(lambda uow: self._write(uow, look, subject, seen))
        return True

    def _seen(self, look: Look, subject: Subject) -> Seen:
        """What the server said. What a stranger's server says must not hold up or end this process: a look that goes
        wrong, or was begun and never ended as often as it is repeated, says nothing about the server."""
        if look.attempt <= self._looking.attempts:
            try:
                report = self._looking.look(subject.server_url, subject.transport or USUAL_TRANSPORT)
                return _judged(report, subject)
            except Exception:
                get_logger().exception("a look went wrong", submission_id=look.submission.submission_id)
        return Seen(Report(Reach.UNREACHABLE, Cause.UNFINISHED))

    def _write(self, uow: UnitOfWork, look: Look, subject: Subject, seen: Seen) -> None:
        report = seen.report
        log = get_logger().bind(submission_id=look.submission.submission_id, reach=report.reach.value)
        still = _still(uow, look)
        if still is None:
            log.info("look overtaken")
            return
        submission, standing = still
        now = self._now()
        if report.cause in TRANSIENT and not look.by_hand and look.attempt < self._looking.attempts:
            server_probes.try_again(uow.connection, look, at=now + self._looking.pause * 2 ** (look.attempt - 1))
            log.info("look put off", cause=report.cause.value, attempt=look.attempt)
            return
        self._keep_health(uow, look, subject, report, submission, standing, now)
        if report.saw_tools:
            _judge_tools(uow, submission, seen, now)
        server_probes.finish(uow.connection, look, now=now, interval=self._schedule.interval)
        log.info("server looked at", by_hand=look.by_hand)

    def _keep_health(
        self,
        uow: UnitOfWork,
        look: Look,
        subject: Subject,
        report: Report,
        submission: Submission,
        before: Standing,
        now: datetime,
    ) -> None:
        remark = endpoint_health.remark(report, transport=subject.transport, authentication=subject.authentication)
        health = endpoint_health.found(report, authentication=subject.authentication)
        if health is None:
            server_probes.keep_remark(uow.connection, look, remark)
            return
        after = endpoint_health.after_look(
            before, health, now=now, daily=not look.by_hand, failures_told=self._schedule.failures_told
        )
        server_probes.keep(uow.connection, look, after, report, remark=remark, now=now)
        if endpoint_health.is_news(before, after):
            endpoint_moves.tell(uow, submission, before, after, remark=remark, now=now)


def _still(uow: UnitOfWork, look: Look) -> tuple[Submission, Standing] | None:
    """The submission, locked, and what the looks before found, if this one still counts: nobody took it over, and the
    server stands where it stood."""
    try:
        submission = submissions.of_anybody(uow.connection, look.submission.submission_id, lock=True)
    except NotFound:
        return None
    probe = server_probes.find(uow.connection, submission.submission_id)
    if probe is None or probe.run_id != look.run_id:
        return None
    return (submission, probe.standing) if submission.state_changed_at == look.submission.state_changed_at else None


def _judged(report: Report, subject: Subject) -> Seen:
    if not report.saw_tools:
        return Seen(report)
    found = tool_findings(report.tools, complete=report.tools_complete, data_access=subject.data_access)
    astray = frozenset(tool.name for tool in report.tools if word_findings([tool]))
    return Seen(report, tuple(checks.gravest_first(found)), astray)


def _judge_tools(uow: UnitOfWork, submission: Submission, seen: Seen, now: datetime) -> None:
    """1. what is approved, 2. what differs, 3. who looks at it: nobody, nobody but the publisher, or a reviewer."""
    approved, offered = _approved(uow, submission, now), seen.report.tools
    if approved is None and not any(finding.grade is not Grade.NOTE for finding in seen.findings):
        drift_moves.resolve(uow, submission, now=now)
        drift_moves.take_over_first(uow, submission, offered, now=now)
        return
    before = approved.tools if approved else ()
    same = approved is not None and approved.digest == digest(offered)
    changes = () if same else tool_drift.compare(before, offered)
    # A list that is cut stays cut: once it was accepted so, only other tools are news.
    if _needs_review(changes, seen) and not (
        same and tool_drifts.is_accepted(uow.connection, submission.submission_id, offered, seen.findings)
    ):
        drift_moves.open_or_replace(
            uow, submission, approved=before, offered=offered, changes=changes, findings=seen.findings, now=now
        )
        return
    drift_moves.resolve(uow, submission, now=now)
    if changes:
        drift_moves.take_over_words(uow, submission, offered, changes, now=now)


def _approved(uow: UnitOfWork, submission: Submission, now: datetime) -> Approved | None:
    found = approved_tools.find(uow.connection, submission.submission_id)
    if found is None:  # approved by the code before this one, or nobody has seen any tools yet
        approved_tools.approve_checked(uow.connection, submission.submission_id, now=now)
        found = approved_tools.find(uow.connection, submission.submission_id)
    return found


def _needs_review(changes: Sequence[ToolChange], seen: Seen) -> bool:
    """Words that could lead the model astray are looked at as what a tool does is; so is a list that is cut."""
    astray = any(change.name in seen.astray for change in changes)
    return astray or tool_drift.needs_review(changes) or not seen.report.tools_complete
