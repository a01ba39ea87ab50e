"""All or nothing: a failure in any of the four things that a move writes leaves none of them."""

import threading

import pytest
from chassis.errors import Conflict, DirectoryError, LimitExceeded, VersionMismatch
from sqlalchemy.exc import DBAPIError

FOUR = {
    "the state change": "submissions",
    "the audit entry": "audit_entries",
    "the thread entry": "thread_entries",
    "the outgoing event": "outbox",
    "the review item": "review_items",
}


@pytest.fixture
def broken(world):
    """broken(table): writing to it fails until the end of the test."""
    tables = []

    def make(table):
        world.execute(
            f"CREATE FUNCTION fail_{table}() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION 'planted failure'; END $$"
        )
        world.execute(
            f"CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION fail_{table}()"
        )
        tables.append(table)

    yield make
    for table in tables:
        world.execute(f"DROP FUNCTION fail_{table} CASCADE")


def everything(world, submission_id):
    """All that is stored about a submission."""
    by_submission = ("submissions", "audit_entries", "thread_entries", "review_items")
    rows = {
        table: world.rows(f"SELECT * FROM {table} WHERE submission_id = :id ORDER BY 1", id=submission_id)
        for table in by_submission
    }
    return rows | {"outbox": world.rows("SELECT id FROM outbox WHERE key = :id ORDER BY id", id=submission_id)}


@pytest.mark.parametrize("part", FOUR)
def test_a_failure_in_any_part_leaves_nothing(world, broken, part):
    person = world.owner()
    submission = world.in_review(person)
    before = everything(world, submission.submission_id)
    broken(FOUR[part])
    with pytest.raises(DirectoryError):
        world.move(person, submission, "WITHDRAW")
    assert everything(world, submission.submission_id) == before


@pytest.mark.parametrize("part", FOUR)
def test_a_decision_is_all_or_nothing(world, broken, part):
    submission = world.in_review(world.owner())
    judge = world.reviewer()
    item_id = world.open_item(submission.submission_id)
    item = world.review_call(judge, "ClaimReviewItem", review_item_id=item_id).item
    before = everything(world, submission.submission_id)
    broken(FOUR[part])
    with pytest.raises(DirectoryError):
        world.review_call(
            judge, "DecideReviewItem", review_item_id=item_id, version=item.version, decision="DECISION_APPROVE"
        )
    assert everything(world, submission.submission_id) == before


@pytest.mark.parametrize("part", FOUR)
def test_the_end_of_the_checks_is_all_or_nothing(world, broken, part):
    person = world.owner()
    submission = world.move(person, world.create(person), "SUBMIT")
    before = everything(world, submission.submission_id)
    broken(FOUR[part])
    with pytest.raises(DBAPIError):
        world.checks.check_next()
    assert everything(world, submission.submission_id) == before


@pytest.fixture(autouse=True)
def nothing_waits(world, request):
    """Leaves no submission in `checking` for the next test, after broken tables are whole again."""
    yield
    world.execute("UPDATE submissions SET state = 'withdrawn' WHERE state = 'checking'")


@pytest.mark.parametrize("table", ["thread_entries", "audit_entries"])
@pytest.mark.parametrize("change", ["UPDATE {} SET submission_id = submission_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_threads_and_audit_are_only_added_to(world, table, change):
    world.create(world.owner())
    with pytest.raises(DBAPIError) as refusal:
        world.execute(change.format(table))
    assert refusal.value.orig.sqlstate == "23001"


def at_once(*calls):
    """Runs the calls at the same time; returns what each gave or raised."""
    results, ready = [None] * len(calls), threading.Barrier(len(calls))

    def run(number, call):
        ready.wait()
        try:
            results[number] = call()
        except DirectoryError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_publishers_save_and_one_is_told(world):
    person = world.owner()
    draft = world.create(person)
    saves = [
        lambda text=text: world.save(person, draft, form={"listing": {"tagline": text}})
        for text in ("one", "two", "three")
    ]
    results = at_once(*saves)
    lost = [result for result in results if isinstance(result, VersionMismatch)]
    assert len(lost) == 2
    (won,) = [result for result in results if not isinstance(result, DirectoryError)]
    assert world.get(person, draft.submission_id).tagline == won.tagline


def test_two_reviewers_claim_and_one_holds(world):
    item_id = world.open_item(world.in_review(world.owner()).submission_id)
    judges = [world.reviewer(f"Judge {number}") for number in range(4)]
    results = at_once(
        *(lambda j=judge: world.review_call(j, "ClaimReviewItem", review_item_id=item_id).item for judge in judges)
    )
    refusals = [result for result in results if isinstance(result, Conflict)]
    (held,) = [result for result in results if not isinstance(result, DirectoryError)]
    assert [refusal.metadata["claimed_by_name"] for refusal in refusals] == [held.claimed_by_name] * 3


def test_withdraw_and_approve_at_once_end_in_one_of_them(world):
    for _ in range(3):
        person, judge = world.owner(), world.reviewer()
        submission = world.in_review(person)
        item_id = world.open_item(submission.submission_id)
        item = world.review_call(judge, "ClaimReviewItem", review_item_id=item_id).item
        fields = {"review_item_id": item_id, "version": item.version, "decision": "DECISION_APPROVE"}
        results = at_once(
            lambda p=person, s=submission: world.move(p, s, "WITHDRAW"),
            lambda j=judge, f=fields: world.review_call(j, "DecideReviewItem", **f),
        )
        assert sum(isinstance(result, DirectoryError) for result in results) == 1
        (row,) = world.rows(
            "SELECT s.state, i.state AS item FROM submissions s JOIN review_items i USING (submission_id)"
            " WHERE submission_id = :id",
            id=submission.submission_id,
        )
        assert (row.state, row.item) in {("withdrawn", "voided"), ("approved", "decided")}


def test_positions_have_no_gaps_when_many_write(world):
    person = world.owner()
    draft = world.create(person)
    calls = [
        lambda n=number: world.publish_call(person, "PostMessage", submission_id=draft.submission_id, body=str(n))
        for number in range(12)
    ]
    assert not [result for result in at_once(*calls) if isinstance(result, DirectoryError)]
    assert [entry.position for entry in world.thread(person, draft.submission_id)] == list(range(1, 14))


def test_the_daily_limit_holds_when_all_come_at_once(world):
    person = world.owner()
    results = at_once(*(lambda: world.publish_call(person, "CreateSubmission") for _ in range(14)))
    assert sum(isinstance(result, LimitExceeded) for result in results) == 4
    assert len(world.publish_call(person, "ListSubmissions").submissions) == 10


def test_one_slug_for_one_of_many_who_submit_at_once(world):
    people = [world.owner() for _ in range(4)]
    drafts = [world.create(person, world.complete_form(slug="wanted-by-all")) for person in people]
    results = at_once(
        *(lambda p=person, d=draft: world.move(p, d, "SUBMIT") for person, draft in zip(people, drafts, strict=True))
    )
    assert [result.reason for result in results if isinstance(result, Conflict)] == ["SLUG_TAKEN"] * 3


def test_many_checkers_check_each_submission_once(world):
    people = [world.owner() for _ in range(4)]
    waiting = [world.move(person, world.create(person), "SUBMIT").submission_id for person in people]
    assert at_once(*(world.run_checks for _ in range(3))) == [None] * 3
    for submission_id in waiting:
        query = "SELECT move FROM thread_entries WHERE submission_id = :id ORDER BY position"
        assert [row.move for row in world.rows(query, id=submission_id)] == ["create", "submit", "pass_checks"]
