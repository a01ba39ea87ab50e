"""Access for reviewers is in no answer to publishers, list, log, event, thread or audit, and sealed at rest."""

import pytest
from chassis import logs
from chassis.errors import DirectoryError
from cryptography.fernet import Fernet, InvalidToken
from directory.submissions.v1.submission_pb2 import ReviewerAccess
from submissions import wiring
from submissions.store.reviewer_access import SealingKeys

INSTRUCTIONS = "Sign in as the planted tester"
CREDENTIALS = "planted-password-3f9c1d"
TABLES = (
    "submissions",
    "thread_entries",
    "audit_entries",
    "review_items",
    "outbox",
    "inbox",
    "idempotency_keys",
    "dead_letters",
)


@pytest.fixture
def captured_logs(world, capsys):
    """Logs as a process writes them in production."""
    logs.configure("submissions", world.settings)
    return lambda: "".join(capsys.readouterr())


def keeps_secret(text):
    return INSTRUCTIONS not in text and CREDENTIALS not in text


def test_planted_credentials_reach_nobody_but_reviewers(world, captured_logs):
    person, judge, lead = world.owner(), world.reviewer(), world.reviewer(lead=True)
    answers = [world.published(person)]
    submission_id = answers[0].submission_id
    answers.append(world.publish_call(person, "ListSubmissions"))
    answers.append(world.publish_call(person, "ListThread", submission_id=submission_id))
    answers.append(world.move(lead, world.get(person, submission_id), "SUSPEND", "Because"))
    waiting = world.in_review(person)
    item_id = world.open_item(waiting.submission_id)
    answers.append(world.review_call(judge, "ListReviewItems"))
    answers.append(world.review_call(judge, "GetReviewItem", review_item_id=item_id))
    opened = world.review_call(judge, "GetReviewerAccess", review_item_id=item_id).access
    assert (opened.instructions, opened.credentials) == (INSTRUCTIONS, CREDENTIALS)
    assert all(keeps_secret(str(answer)) for answer in answers)
    assert answers[0].reviewer_access_provided
    for table in TABLES:
        # As text, so that bytes of payloads and stored answers are searched too.
        for row in world.rows(f"SELECT row_to_json(t)::text AS whole FROM {table} t"):
            assert keeps_secret(row.whole)
            assert CREDENTIALS.encode().hex() not in row.whole
    assert keeps_secret(captured_logs())


def test_a_failing_request_with_credentials_is_logged_without_them(world, captured_logs):
    world.execute(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted'; END $$"
    )
    world.execute("CREATE TRIGGER fail BEFORE INSERT ON submissions FOR EACH ROW EXECUTE FUNCTION fail()")
    try:
        with pytest.raises(DirectoryError) as failure:
            world.create(world.owner())
    finally:
        world.execute("DROP FUNCTION fail CASCADE")
    assert keeps_secret(str(failure.value))
    assert "planted" not in str(failure.value)
    written = captured_logs()
    assert "planted" in written
    assert keeps_secret(written)


def test_a_ring_of_keys_rotates():
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    access = ReviewerAccess(instructions="a", credentials="b")
    sealed = SealingKeys([old]).seal("s", access)
    assert SealingKeys([new, old]).unseal("s", sealed) == access
    with pytest.raises(InvalidToken):
        SealingKeys([new]).unseal("s", sealed)
    assert SealingKeys([new]).unseal("s", SealingKeys([new, old]).reseal(sealed)) == access
    with pytest.raises(ValueError, match="does not belong"):
        SealingKeys([old]).unseal("another", sealed)
    with pytest.raises(ValueError, match="at least one"):
        SealingKeys([])


def test_everything_is_sealed_anew_under_the_first_key(world):
    person = world.owner()
    submission = world.create(person)
    new = Fernet.generate_key().decode()
    ring = ",".join([new, *world.settings.sealing_key_ring])
    rotated = type(world.settings)(**{**world.settings.model_dump(), "sealing_keys": ring})
    count = wiring.reseal(rotated)
    rows = world.rows("SELECT submission_id, sealed_access FROM submissions WHERE sealed_access IS NOT NULL")
    assert count == len(rows)
    sealed = {str(row.submission_id): bytes(row.sealed_access) for row in rows}
    opened = SealingKeys([new]).unseal(submission.submission_id, sealed[submission.submission_id])
    assert opened.credentials == CREDENTIALS
