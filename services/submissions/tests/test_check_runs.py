"""Runs of the checks: taken for a while, never in a transaction, repeated where that helps, and counted once."""

from datetime import timedelta

import pytest
from chassis.errors import Conflict, LimitExceeded, NotFound
from directory.submissions.v1 import submission_pb2
from submissions.consumers.checks import Checks
from submissions.domain.probe_report import Cause, Reach, Report, Tool
from submissions.store.server_checks import LEASE

IN_REVIEW = submission_pb2.SUBMISSION_STATE_IN_REVIEW
CHECKING = submission_pb2.SUBMISSION_STATE_CHECKING
AWAY = Report(Reach.UNREACHABLE, Cause.CONNECTION)
TOOLS = (
    Tool("send", "Send", "Sends.", {"type": "object"}, {"type": "object"}, {"destructiveHint": True}),
    Tool("find", "Find", "Finds.", {"type": "object"}, None, {"readOnlyHint": True}),
)
OPEN = Report(Reach.ALIVE_OPEN, server_name="Acme", server_version="3", protocol_version="2025-11-25", tools=TOOLS)


@pytest.fixture(autouse=True)
def nothing_waits(world):
    yield
    world.execute("UPDATE submissions SET state = 'withdrawn' WHERE state = 'checking'")
    world.execute("UPDATE server_checks SET due_at = NULL")


class Killed(BaseException):
    """A worker's death, which nothing catches."""


def die(url, transport):
    raise Killed


def submitted(world, person=None):
    person = person or world.owner()
    return person, world.move(person, world.create(person), "SUBMIT")


def checks(world, person, submission):
    return world.publish_call(person, "GetChecks", submission_id=submission.submission_id).checks


def run_checks(world, person, submission):
    return world.publish_call(person, "RunChecks", submission_id=submission.submission_id).checks


def order_of_looks(world, server):
    """Which servers are looked at when everything that waits is checked, in order."""
    looks = []
    server(lambda url, transport: looks.append(url) or OPEN)
    world.run_checks()
    return looks


def codes(findings):
    return [finding.code for finding in findings]


def test_a_server_that_is_away_is_tried_again_and_then_left_to_the_reviewers(world, server, ahead):
    looks = []
    server(lambda url, transport: looks.append(url) or AWAY)
    person, submission = submitted(world)
    world.run_checks()
    for wait, before in ((30, 1), (60, 2)):
        ahead(timedelta(seconds=wait - 10))
        world.run_checks()
        assert len(looks) == before
        ahead(timedelta(seconds=11))
        world.run_checks()
        assert len(looks) == before + 1
    after = world.get(person, submission.submission_id)
    assert after.state == IN_REVIEW
    assert codes(after.findings) == ["SERVER_UNREACHABLE"]
    assert checks(world, person, submission).reach == submission_pb2.SERVER_REACH_UNREACHABLE
    last = world.thread(person, submission.submission_id)[-1]
    assert (codes(last.findings), last.body) == (["SERVER_UNREACHABLE"], "The automatic checks passed, with remarks.")


def test_a_server_that_comes_back_is_not_held_against_anybody(world, server, ahead):
    server(AWAY)
    person, submission = submitted(world)
    world.run_checks()
    assert world.get(person, submission.submission_id).state == CHECKING
    server(OPEN)
    ahead(timedelta(seconds=31))
    world.run_checks()
    after = world.get(person, submission.submission_id)
    assert (after.state, codes(after.findings)) == (IN_REVIEW, ["AUTHENTICATION_NOT_ASKED"])


def test_what_is_found_for_good_sends_back_at_once(world, server):
    server(Report(Reach.NOT_MCP))
    person, submission = submitted(world)
    world.run_checks()
    after = world.get(person, submission.submission_id)
    assert after.state == submission_pb2.SUBMISSION_STATE_CHANGES_REQUESTED
    assert codes(after.findings) == ["SERVER_NOT_MCP"]
    assert checks(world, person, submission).submission_version == after.version


def test_an_address_that_is_wrong_on_paper_is_not_spoken_to(world, server):
    server(lambda *asked: pytest.fail("the server was spoken to"))
    person = world.owner()
    form = world.complete_form(server_url="https://10.1.2.3/mcp")
    submission = world.move(person, world.create(person, form), "SUBMIT")
    world.run_checks()
    assert codes(world.get(person, submission.submission_id).findings) == ["SERVER_URL_NOT_PUBLIC"]


def test_while_a_server_is_looked_at_nothing_is_locked(world, server):
    """The publisher can take the submission back in that moment, and the look counts for nothing."""
    person, submission = submitted(world)

    def withdraw(url, transport):
        world.move(person, world.get(person, submission.submission_id), "WITHDRAW")
        return OPEN

    server(withdraw)
    assert world.checks.check_next()
    after = world.get(person, submission.submission_id)
    assert after.state == submission_pb2.SUBMISSION_STATE_WITHDRAWN
    assert not checks(world, person, submission).HasField("finished_at")


def test_a_look_counts_for_the_round_it_was_made_in(world, server):
    person, submission = submitted(world)

    def again(url, transport):
        server(OPEN)
        for move in ("WITHDRAW", "REOPEN", "SUBMIT"):
            world.move(person, world.get(person, submission.submission_id), move)
        return Report(Reach.NOT_MCP)

    server(again)
    assert world.checks.check_next()
    assert world.get(person, submission.submission_id).state == CHECKING
    world.run_checks()
    assert world.get(person, submission.submission_id).state == IN_REVIEW


def test_a_worker_that_dies_loses_its_run_to_another_one(world, server, ahead):
    person, submission = submitted(world)
    server(die)
    with pytest.raises(Killed):
        world.checks.check_next()
    server(OPEN)
    assert not world.checks.check_next()
    ahead(LEASE + timedelta(seconds=1))
    assert world.checks.check_next()
    assert world.get(person, submission.submission_id).state == IN_REVIEW


def test_a_run_that_ends_one_worker_after_the_other_is_left_to_the_reviewers(world, server, ahead):
    person, submission = submitted(world)
    server(die)
    for _ in range(world.looking.attempts):
        with pytest.raises(Killed):
            world.checks.check_next()
        ahead(LEASE + timedelta(seconds=1))
    assert world.checks.check_next()
    after = world.get(person, submission.submission_id)
    assert (after.state, codes(after.findings)) == (IN_REVIEW, ["CHECK_UNFINISHED"])


def test_a_look_that_goes_wrong_ends_nobody_else(world, server, ahead):
    def stumble(url, transport):
        raise RecursionError("what a server said")

    person, submission = submitted(world)
    server(stumble)
    for _ in range(world.looking.attempts):
        assert world.checks.check_next()
        ahead(timedelta(minutes=5))
    after = world.get(person, submission.submission_id)
    assert (after.state, codes(after.findings)) == (IN_REVIEW, ["CHECK_UNFINISHED"])


def test_who_withdraws_waits_for_no_checks(world, server):
    server(AWAY)
    person, submission = submitted(world)
    world.run_checks()
    assert checks(world, person, submission).running
    world.move(person, world.get(person, submission.submission_id), "WITHDRAW")
    assert not checks(world, person, submission).running


def test_a_run_that_somebody_took_over_writes_nothing(world, server, ahead):
    person, submission = submitted(world)
    other = Checks(world.database, world.looking, world.clock)

    def slow(url, transport):
        server(Report(Reach.NOT_MCP))
        ahead(LEASE + timedelta(seconds=1))
        assert other.check_next()
        return OPEN

    server(slow)
    assert world.checks.check_next()
    after = world.get(person, submission.submission_id)
    assert codes(after.findings) == ["SERVER_NOT_MCP"]
    moves = [entry.move for entry in world.thread(person, submission.submission_id)]
    assert moves.count(submission_pb2.MOVE_FAIL_CHECKS) == 1


def test_the_tools_are_kept_and_shown_to_publisher_and_reviewer(world, server):
    server(OPEN)
    person, submission = submitted(world)
    world.run_checks()
    shown = checks(world, person, submission)
    assert [(tool.name, tool.title, tool.description) for tool in shown.tools] == [
        ("find", "Find", "Finds."),
        ("send", "Send", "Sends."),
    ]
    find, send = shown.tools
    assert (find.input_schema, find.output_schema, find.annotations) == (
        '{"type":"object"}',
        "",
        '{"readOnlyHint":true}',
    )
    assert (find.read_only_hint, find.HasField("destructive_hint"), send.destructive_hint) == (True, False, True)
    assert (shown.server_name, shown.server_version, shown.protocol_version) == ("Acme", "3", "2025-11-25")
    (row,) = world.rows("SELECT * FROM server_checks WHERE submission_id = :id", id=submission.submission_id)
    assert len(row.tools_digest) == 64
    assert row.server_url == submission.form.server_url
    item_id = world.open_item(submission.submission_id)
    assert world.review_call(world.reviewer(), "GetReviewItem", review_item_id=item_id).checks == shown


def test_a_draft_is_checked_by_hand_and_never_submitted(world, server):
    server(OPEN)
    person = world.owner()
    draft = world.create(person, world.complete_form(slug="admin", data_access="DATA_ACCESS_READ"))
    assert not checks(world, person, draft).running
    asked = run_checks(world, person, draft)
    assert asked.running
    assert not asked.HasField("finished_at")
    world.run_checks()
    done = checks(world, person, draft)
    assert not done.running
    assert codes(done.findings) == ["SLUG_RESERVED", "DATA_ACCESS_WRITES", "AUTHENTICATION_NOT_ASKED"]
    assert (len(done.tools), done.submission_version) == (2, draft.version)
    after = world.get(person, draft.submission_id)
    assert (after.state, after.version, list(after.findings)) == (draft.state, draft.version, [])
    assert len(world.thread(person, draft.submission_id)) == 1
    actions = world.rows(
        "SELECT action FROM audit_entries WHERE submission_id = :id ORDER BY at", id=draft.submission_id
    )
    assert [row.action for row in actions] == ["create", "run_checks"]


def test_a_draft_without_an_address_is_checked_without_a_server(world, server):
    server(lambda *asked: pytest.fail("a server was spoken to"))
    person = world.owner()
    draft = world.create(person, submission_pb2.SubmissionForm())
    run_checks(world, person, draft)
    world.run_checks()
    done = checks(world, person, draft)
    assert (done.reach, set(codes(done.findings))) == (submission_pb2.SERVER_REACH_LEFT_OUT, {"FORM_INCOMPLETE"})


def test_a_draft_without_a_transport_is_looked_at_over_the_usual_one(world, server):
    spoken = []
    server(lambda url, transport: spoken.append(transport) or OPEN)
    person = world.owner()
    draft = world.create(person, submission_pb2.SubmissionForm(server_url="https://mcp.acme.com/mcp"))
    run_checks(world, person, draft)
    world.run_checks()
    assert spoken == ["streamable_http"]


def test_somebody_waits_for_a_run_by_hand_so_it_is_not_repeated(world, server):
    server(AWAY)
    person = world.owner()
    draft = world.create(person)
    run_checks(world, person, draft)
    world.run_checks()
    assert codes(checks(world, person, draft).findings) == ["SERVER_UNREACHABLE"]


def test_the_checks_are_run_by_hand_once_a_minute(world, server, ahead):
    server(OPEN)
    person = world.owner()
    draft = world.create(person)
    run_checks(world, person, draft)
    for done in (False, True):
        with pytest.raises(LimitExceeded) as refused:
            run_checks(world, person, draft)
        assert refused.value.reason == "CHECKS_TOO_OFTEN"
        assert 0 < int(refused.value.metadata["retry_after_seconds"]) <= 61
        if not done:
            world.run_checks()
    again_at = checks(world, person, draft).again_at.ToDatetime(tzinfo=world.clock().tzinfo)
    ahead(again_at - world.clock())
    assert run_checks(world, person, draft).running
    assert len(checks(world, person, draft).tools) == 2  # of the run before, until this one has finished


def test_who_waits_longest_for_a_run_by_hand_is_served_first_whatever_draft_is_older(world, server, ahead):
    older, newer = [(person, world.create(person)) for person in (world.owner(), world.owner())]
    run_checks(world, *newer)
    ahead(timedelta(seconds=5))
    run_checks(world, *older)
    assert order_of_looks(world, server) == [newer[1].form.server_url, older[1].form.server_url]


def test_an_organisation_of_many_drafts_has_its_turn_and_no_more(world, server, ahead):
    many, one = world.owner(), world.owner()
    drafts = [world.create(many) for _ in range(3)]
    for draft in drafts:
        run_checks(world, many, draft)
        ahead(timedelta(seconds=1))
    single = world.create(one)
    run_checks(world, one, single)
    first, second, third = (draft.form.server_url for draft in drafts)
    assert order_of_looks(world, server) == [first, single.form.server_url, second, third]


def test_an_organisation_that_submits_much_has_its_turn_and_no_more(world, server):
    many = world.owner()
    submissions = [submitted(world, many)[1] for _ in range(3)]
    _, single = submitted(world)
    first, second, third = (submission.form.server_url for submission in submissions)
    assert order_of_looks(world, server) == [first, single.form.server_url, second, third]


def test_runs_by_hand_go_on_while_submissions_wait_for_slow_servers(world, server, at_the_same_time, eventually):
    for _ in range(3):
        submitted(world)
    person = world.owner()
    draft = world.create(person)
    run_checks(world, person, draft)
    at_the_same_time(slow_but_for=draft.form.server_url)
    eventually(lambda: checks(world, person, draft).HasField("finished_at"))


def test_only_drafts_and_what_came_back_are_checked_by_hand(world, server):
    server(OPEN)
    person, submission = submitted(world)
    with pytest.raises(Conflict) as refused:
        run_checks(world, person, submission)
    assert (refused.value.reason, refused.value.metadata["state"]) == ("CHECKS_NOT_POSSIBLE", "checking")
    server(Report(Reach.NOT_MCP))
    world.run_checks()
    assert not checks(world, person, submission).HasField("again_at")
    assert run_checks(world, person, submission).running


def test_another_organisations_checks_are_not_found(world):
    draft = world.create(world.owner())
    for call in (checks, run_checks):
        with pytest.raises(NotFound):
            call(world, world.owner(), draft)


def test_a_draft_that_is_deleted_takes_its_checks_along(world, server):
    person = world.owner()
    draft = world.create(person)
    run_checks(world, person, draft)

    def delete(url, transport):
        world.publish_call(person, "DeleteSubmission", submission_id=draft.submission_id, version=draft.version)
        return OPEN

    server(delete)
    world.run_checks()
    assert world.rows("SELECT * FROM server_checks WHERE submission_id = :id", id=draft.submission_id) == []


def test_a_submitted_draft_does_not_wait_for_its_run_by_hand(world, server):
    server(OPEN)
    person = world.owner()
    draft = world.create(person)
    run_checks(world, person, draft)
    world.move(person, draft, "SUBMIT")
    world.run_checks()
    assert world.get(person, draft.submission_id).state == IN_REVIEW
    assert not world.checks.check_next()
