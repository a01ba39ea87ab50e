"""Starting a draft and saving one: by its form, or by a document that is imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from chassis import clock
from chassis.destinations import Network
from chassis.errors import LimitExceeded
from chassis.grants import Grant
from chassis.ids import new_id
from chassis.sql.database import UnitOfWork
from directory.submissions.v1.submission_pb2 import ReviewerAccess, SubmissionForm

from submissions.api import inputs
from submissions.api.callers import as_publisher
from submissions.domain import lifecycle
from submissions.domain.lifecycle import State, Step
from submissions.store import moves, submissions
from submissions.store.forms import form_columns
from submissions.store.moves import Said
from submissions.store.reviewer_access import SealingKeys
from submissions.store.submissions import Submission

USUAL_LIMIT = 10
_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Drafts:
    """`limit_of` says how many new submissions an organization may start in 24 hours."""

    keys: SealingKeys
    now: clock.Clock = clock.now
    networks: Sequence[Network] = ()
    limit_of: Callable[[str], int] = field(default=lambda organization_id: USUAL_LIMIT)

    def start(
        self, uow: UnitOfWork, grant: Grant, kind: str, form: SubmissionForm, access: ReviewerAccess
    ) -> Submission:
        """A new draft. Raises InvalidInput FORM_INVALID, LimitExceeded DAILY_LIMIT."""
        inputs.require_valid(form, access, networks=self.networks)
        self._require_below_limit(uow, grant)
        now, submission_id = self.now(), new_id()
        values = {
            "submission_id": submission_id,
            "organization_id": grant.organization_id,
            "kind": kind,
            "state": State.DRAFT.value,
            "version": 1,
            **form_columns(form),
            **inputs.access_columns(self.keys, submission_id, access),
            "findings": [],
            "thread_length": 0,
            "created_by": grant.person_id,
            "created_at": now,
            "updated_at": now,
            "state_changed_at": now,
        }
        return moves.create(uow, values, lifecycle.CREATION, author=as_publisher(grant), now=now)

    def save(
        self,
        uow: UnitOfWork,
        grant: Grant,
        before: Submission,
        row: Step,
        form: SubmissionForm,
        access: ReviewerAccess | None = None,
    ) -> Submission:
        """The submission with another form, and with other access for reviewers where that is given.

        Raises InvalidInput FORM_INVALID, Conflict SLUG_LOCKED, SLUG_TAKEN or SERVER_URL_TAKEN.
        """
        inputs.require_valid(form, access or ReviewerAccess(), networks=self.networks)
        inputs.require_slug_kept(before, form)
        values = form_columns(form)
        if access is not None:
            values |= inputs.access_columns(self.keys, before.submission_id, access)
        said = Said(detail={"fields": inputs.changed_fields(before.form or SubmissionForm(), form)})
        return moves.take(uow, before, row, author=as_publisher(grant), now=self.now(), said=said, values=values)

    def access(
        self, uow: UnitOfWork, submission: Submission, given: ReviewerAccess, paths: Sequence[str]
    ) -> ReviewerAccess:
        """The access for reviewers with the fields of `paths` as given, both where none is named."""
        sealed = submissions.sealed_access(uow.connection, submission.submission_id) if paths else None
        return inputs.merged_access(self.keys.unseal(submission.submission_id, sealed), given, paths)

    def _require_below_limit(self, uow: UnitOfWork, grant: Grant) -> None:
        limit, now = self.limit_of(grant.organization_id), self.now()
        made = submissions.made_since(uow.connection, grant.organization_id, now - _DAY)
        if wait := clock.seconds_to_room(made, limit, _DAY, now):
            raise LimitExceeded(
                "DAILY_LIMIT",
                f"An organisation starts at most {limit:,} submissions in 24 hours. Try again {clock.after(wait)}.",
                limit=limit,
                retry_after_seconds=wait,
            )
