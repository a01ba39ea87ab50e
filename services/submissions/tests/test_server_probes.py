"""Daily looks at published servers: taken by one worker each, spread over the day, and never held against anybody."""

from dataclasses import replace
from datetime import timedelta

import pytest
from chassis.errors import Conflict, LimitExceeded, NotFound
from directory.submissions.v1 import server_probe_pb2 as contract
from submissions.consumers.probes import Probes, Schedule
from submissions.domain.probe_report import Authorization, Cause, Gate, Reach, Report, Tool
from submissions.store import server_probes
from submissions.store.server_checks import LEASE

DAY = timedelta(days=1)
SCHEDULE = Schedule(interval=DAY, failures_told=3)
GATED = Report(Reach.ALIVE_GATED, authorization=Authorization(Gate.GOOD, registers_clients=True))
AWAY = Report(Reach.UNREACHABLE, Cause.CONNECTION)
READS = Tool("find", "Find", "Finds.", {"type": "object"}, None, {"readOnlyHint": True})
OPEN = Report(Reach.ALIVE_OPEN, tools=(READS,))


@pytest.fixture(autouse=True)
def nobody_else_is_published(world):
    yield
    world.execute("UPDATE submissions SET state = 'delisted' WHERE state = 'published'")


class Killed(BaseException):
    """A worker's death, which nothing catches."""


def die(url, transport):
    raise Killed


def published(world, server, report=OPEN):
    server(report)
    person = world.owner()
    return person, world.published(person)


def probes(world):
    return Probes(world.database, world.looking, SCHEDULE, world.clock)


def due_at(world, submission):
    (row,) = world.rows("SELECT due_at FROM server_probes WHERE submission_id = :id", id=submission.submission_id)
    return row.due_at


def make_due(world, submission):
    query = "UPDATE server_probes SET due_at = :now WHERE submission_id = :id"
    world.execute(query, now=world.clock(), id=submission.submission_id)


def run_probe(world, person, submission):
    return world.publish_call(person, "RunServerProbe", submission_id=submission.submission_id).probe


def kinds(world, submission):
    return [event.WhichOneof("event") for event in world.events(submission.submission_id)]


def bodies(world, person, submission):
    return [entry.body for entry in world.thread(person, submission.submission_id)]


def test_a_published_server_gets_a_time_of_its_own_within_the_day(world, server):
    person, submission = published(world, server)
    looks = []
    server(lambda url, transport: looks.append(url) or OPEN)
    worker = probes(world)
    worker.tidy_now_and_then()
    assert world.clock() < due_at(world, submission) <= world.clock() + DAY
    assert not worker.look_at_next()
    make_due(world, submission)
    assert worker.look_at_next()
    assert looks == [submission.form.server_url]
    assert world.clock() + DAY / 2 <= due_at(world, submission) <= world.clock() + DAY * 3 / 2
    seen = world.probe(person, submission)
    assert (seen.health, seen.tools_count, seen.remark) == (contract.ENDPOINT_HEALTH_ALIVE, 1, "")
    assert seen.HasField("looked_at")
    assert seen.HasField("next_at")
    assert not seen.HasField("drift")
    assert not seen.running


def test_after_down_time_nobody_is_crowded(world, server, ahead):
    _, submission = published(world, server)
    server(lambda *asked: pytest.fail("a server was looked at"))
    probes(world).tidy_now_and_then()
    ahead(DAY * 3 + timedelta(hours=2) if due_at(world, submission) > world.clock() + timedelta(hours=2) else DAY * 3)
    before = world.clock()
    worker = probes(world)
    worker.tidy_now_and_then()
    assert before <= due_at(world, submission) <= before + DAY
    assert not worker.look_at_next()


def test_a_look_that_is_a_little_late_is_made(world, server):
    _, submission = published(world, server)
    worker = probes(world)
    worker.tidy_now_and_then()
    query = "UPDATE server_probes SET due_at = :at WHERE submission_id = :id"
    world.execute(query, at=world.clock() - timedelta(minutes=30), id=submission.submission_id)
    probes(world).tidy_now_and_then()
    assert worker.look_at_next()


def test_two_workers_never_look_at_one_server(world, server):
    _, submission = published(world, server)
    probes(world).tidy_now_and_then()
    make_due(world, submission)
    other = probes(world)
    server(lambda url, transport: pytest.fail("twice") if other.look_at_next() else OPEN)
    assert probes(world).look_at_next()


def test_a_worker_that_dies_loses_its_look_to_another_one(world, server, ahead):
    person, submission = published(world, server)
    probes(world).tidy_now_and_then()
    make_due(world, submission)
    server(die)
    with pytest.raises(Killed):
        probes(world).look_at_next()
    server(OPEN)
    assert not probes(world).look_at_next()
    ahead(LEASE + timedelta(seconds=1))
    assert probes(world).look_at_next()
    assert world.probe(person, submission).health == contract.ENDPOINT_HEALTH_ALIVE


def test_a_look_that_ends_its_workers_or_goes_wrong_says_nothing_about_the_server(world, server, ahead):
    person, submission = published(world, server)
    world.look()
    make_due(world, submission)
    server(die)
    for _ in range(world.looking.attempts):
        with pytest.raises(Killed):
            probes(world).look_at_next()
        ahead(LEASE + timedelta(seconds=1))
    assert probes(world).look_at_next()
    seen = world.probe(person, submission)
    assert (seen.health, seen.failures) == (contract.ENDPOINT_HEALTH_ALIVE, 0)
    assert "could not be finished" in seen.remark


def test_what_may_pass_is_looked_at_again_before_it_counts(world, server, ahead):
    person, submission = published(world, server)
    world.look()
    looks = []
    server(lambda url, transport: looks.append(url) or AWAY)
    make_due(world, submission)
    for wait in (0, 31, 61):
        ahead(timedelta(seconds=wait))
        assert probes(world).look_at_next()
        assert not probes(world).look_at_next()
    assert len(looks) == 3
    seen = world.probe(person, submission)
    assert (seen.health, seen.failures) == (contract.ENDPOINT_HEALTH_UNREACHABLE, 1)
    assert seen.remark.startswith("No connection to the server")


def test_after_three_failures_the_publisher_is_told_and_the_server_stays_published(world, server):
    person, submission = published(world, server)
    world.look()
    at_once = replace(world.looking, attempts=1)
    server(AWAY)
    for number in (1, 2, 3, 4):
        world.look(looking=at_once)
        assert kinds(world, submission).count("endpoint_health_changed") == (number >= 3)
    server(OPEN)
    world.look()
    after = world.get(person, submission.submission_id)
    assert (after.state, after.version) == (submission.state, submission.version)
    told = [each for each in bodies(world, person, submission) if " looks " in each or "answers" in each]
    assert told == [
        "The last 3 looks could not use the server. No connection to the server could be made. Check that it "
        "runs and lets everybody connect. It stays published; people who use it see errors.",
        "The server answers and shows its tools. They are compared with the approved ones.",
    ]
    failed, back = (
        event.endpoint_health_changed
        for event in world.events(submission.submission_id)
        if event.HasField("endpoint_health_changed")
    )
    assert (getattr(failed, "from"), failed.to, failed.failures) == (
        contract.ENDPOINT_HEALTH_ALIVE,
        contract.ENDPOINT_HEALTH_UNREACHABLE,
        3,
    )
    assert (getattr(back, "from"), back.to, back.failures) == (
        contract.ENDPOINT_HEALTH_UNREACHABLE,
        contract.ENDPOINT_HEALTH_ALIVE,
        0,
    )
    assert failed.remark
    assert failed.HasField("since")
    assert (
        world.rows(
            "SELECT 1 FROM review_items WHERE kind = 'drift' AND submission_id = :id", id=submission.submission_id
        )
        == []
    )


def test_who_asks_for_authentication_shows_no_tools_and_has_no_drift(world, server):
    person, submission = published(world, server)
    world.look()

    server(GATED)
    world.look()
    seen = world.probe(person, submission)
    assert (seen.health, seen.tools_count) == (contract.ENDPOINT_HEALTH_GATED, 1)
    assert seen.tools_seen_at.ToDatetime() < seen.looked_at.ToDatetime()
    assert "nobody compares them" in bodies(world, person, submission)[-1]
    assert not seen.HasField("drift")


def test_a_publisher_asks_for_a_look_once_a_minute(world, server, ahead):
    person, submission = published(world, server)
    asked = run_probe(world, person, submission)
    assert asked.running
    assert not asked.HasField("next_at")
    with pytest.raises(LimitExceeded) as refused:
        run_probe(world, person, submission)
    assert refused.value.reason == "CHECKS_TOO_OFTEN"
    assert 0 < int(refused.value.metadata["retry_after_seconds"]) <= 61
    world.look(daily=False)
    seen = world.probe(person, submission)
    assert (seen.running, seen.health) == (False, contract.ENDPOINT_HEALTH_ALIVE)
    assert seen.HasField("again_at")
    assert seen.HasField("next_at")
    ahead(timedelta(seconds=61))
    assert not world.probe(person, submission).HasField("again_at")
    assert run_probe(world, person, submission).running
    actions = [
        row.action
        for row in world.rows("SELECT action FROM audit_entries WHERE submission_id = :id", id=submission.submission_id)
    ]
    assert actions.count("run_probe") == 2


def test_daily_looks_go_on_while_looks_by_hand_wait_for_slow_servers(world, server, at_the_same_time, eventually):
    person = world.owner()
    for submission in [world.published(person) for _ in range(3)]:
        run_probe(world, person, submission)
    other, submission = published(world, server)
    probes(world).tidy_now_and_then()
    make_due(world, submission)
    at_the_same_time(slow_but_for=submission.form.server_url)
    eventually(lambda: world.probe(other, submission).HasField("looked_at"))


def test_looks_by_hand_go_on_while_daily_ones_wait_for_slow_servers(world, server, at_the_same_time, eventually):
    person = world.owner()
    slow = [world.published(person) for _ in range(3)]
    probes(world).tidy_now_and_then()
    for submission in slow:
        make_due(world, submission)
    other, submission = published(world, server)
    run_probe(world, other, submission)
    at_the_same_time(slow_but_for=submission.form.server_url)
    eventually(lambda: world.probe(other, submission).HasField("looked_at"))


def test_an_organisation_that_asks_for_many_looks_has_its_turn_and_no_more(world, server, ahead):
    many = world.owner()
    servers = [world.published(many) for _ in range(3)]
    one, single = published(world, server)
    for submission in servers:
        run_probe(world, many, submission)
        ahead(timedelta(seconds=1))
    run_probe(world, one, single)
    looks = []
    server(lambda url, transport: looks.append(url) or OPEN)
    world.look(daily=False)
    first, second, third = (submission.form.server_url for submission in servers)
    assert looks == [first, single.form.server_url, second, third]


def test_only_what_is_or_was_in_the_directory_is_looked_at_by_hand(world, server):
    server(OPEN)
    person = world.owner()
    draft = world.create(person)
    assert world.probe(person, draft) == contract.ServerProbe()
    with pytest.raises(Conflict) as refused:
        run_probe(world, person, draft)
    assert refused.value.reason == "CHECKS_NOT_POSSIBLE"
    for stranger in (world.owner(), world.owner()):
        with pytest.raises(NotFound):
            world.probe(stranger, draft)
        with pytest.raises(NotFound):
            run_probe(world, stranger, draft)


def test_a_look_counts_for_nothing_when_the_server_left_the_directory_meanwhile(world, server):
    person, submission = published(world, server)
    probes(world).tidy_now_and_then()
    make_due(world, submission)

    def delist(url, transport):
        world.move(person, world.get(person, submission.submission_id), "DELIST", "Moving house")
        return AWAY

    server(delist)
    assert probes(world).look_at_next()
    assert not world.probe(person, submission).HasField("looked_at")
    make_due(world, submission)
    assert not probes(world).look_at_next()


def test_lists_show_the_endpoints_of_published_servers(world, server):
    person, submission = published(world, server)
    world.create(person)
    listed = world.publish_call(person, "ListSubmissions")
    assert (len(listed.submissions), list(listed.endpoints)) == (2, [])
    world.look()
    (endpoint,) = world.publish_call(person, "ListSubmissions").endpoints
    assert (endpoint.submission_id, endpoint.health) == (submission.submission_id, contract.ENDPOINT_HEALTH_ALIVE)
    assert endpoint.HasField("since")
    assert endpoint.HasField("looked_at")
    world.move(person, world.get(person, submission.submission_id), "DELIST", "Moving house")
    assert list(world.publish_call(person, "ListSubmissions").endpoints) == []


def test_many_servers_are_put_on_the_list_bit_by_bit(world, server, monkeypatch):
    monkeypatch.setattr(server_probes, "_AT_ONCE", 1)
    ids = {published(world, server)[1].submission_id for _ in range(2)}
    world.execute("DELETE FROM server_probes")
    for expected in (1, 2, 2):
        probes(world).tidy_now_and_then()
        known = {row.submission_id for row in world.rows("SELECT submission_id::text FROM server_probes")}
        assert len(known & ids) == expected
