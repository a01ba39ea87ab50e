"""A database that is in use is brought up to date while the code before goes on writing into it."""

from datetime import timedelta

from chassis import clock
from chassis.ids import new_id
from chassis.sql.database import Database
from chassis.sql.migrations import upgrade
from sqlalchemy import text
from submissions.domain import review
from submissions.domain.lifecycle import State
from submissions.domain.review import Decision, Reviewer
from submissions.store import review_items, review_queue, submissions
from submissions.store.review_queue import Filter

DUE = timedelta(days=7)
RITA = Reviewer("rita", "Rita", frozenset())

# As the code of the third migration writes them: it names none of the columns that came later.
SUBMISSION = text(
    "INSERT INTO submissions (submission_id, organization_id, kind, state, version, form, display_name, tagline,"
    " has_instructions, has_credentials, findings, thread_length, created_by, created_at, updated_at, state_changed_at)"
    " VALUES (:id, 'acme', 'remote_mcp', :state, 1, '{}', 'Acme', '', false, false, '[]', 0, 'ann', :at, :at, :at)"
)
ITEM = text(
    "INSERT INTO review_items (review_item_id, kind, state, submission_id, organization_id, opened_at, version,"
    " warnings, claimed_by_name, decided_by_name, comment, reason_code)"
    " VALUES (:item, 'submission', 'open', :id, 'acme', :at, 1, 0, '', '', '', '')"
)


def test_what_was_written_before_and_is_meanwhile_is_read_and_decided_on(new_database):
    url = new_database("submissions_filled")
    upgrade("submissions", url, "0003")
    database, now = Database(url, "tests"), clock.now()
    written = [(new_id(), new_id()) for _ in range(2)]

    def write(submission_id, item_id):
        def rows(uow):
            uow.execute(SUBMISSION, {"id": submission_id, "state": "in_review", "at": now})
            uow.execute(ITEM, {"item": item_id, "id": submission_id, "at": now})

        database.run(rows)

    try:
        write(*written[0])
        upgrade("submissions", url)
        write(*written[1])
        found = database.run_read(
            lambda connection: review_queue.page(connection, Filter(), now=now, due=DUE, size=10, after=None)
        )
        assert [one.item.review_item_id for one in found] == [item_id for _, item_id in written]
        for submission_id, item_id in written:
            item = database.run_read(lambda connection, i=item_id: review_items.get(connection, i).item)
            claimed = review.claim(item, RITA, now=now)
            decided = review.decide(
                claimed, RITA, decision=Decision.APPROVE, comment="", reason_code="", version=claimed.version, now=now
            )
            database.run(lambda uow, c=claimed: review_items.save(uow.connection, c))
            database.run(lambda uow, d=decided: review_items.save(uow.connection, d))
            submission = database.run_read(lambda connection, i=submission_id: submissions.of_anybody(connection, i))
            assert (submission.state, submission.deprecation, submission.appealed) == (State.IN_REVIEW, None, False)
    finally:
        database.dispose()
