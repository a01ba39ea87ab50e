"""Computations: at once visible, repeated, shared, taken up again, told to others."""

import itertools
import multiprocessing
import os
import random
import signal
import threading
from datetime import UTC, datetime, timedelta

import chassis.sql.database
import pytest
from chassis.process import Stop
from chassis.sql import migrations
from chassis.sql.database import Database
from directory.metrics.v1.metrics_events_pb2 import MetricsEvent
from metrics.domain.health import POLICIES
from metrics.processes import compute as compute_module
from metrics.processes.compute import Compute
from metrics.processes.daily import Daily
from metrics.processes.uncounted import Backlog
from metrics.store import generations
from metrics.store.purge import purge
from metrics.store.tables import metadata
from sqlalchemy import event, text

from .records import as_records
from .test_oracle_on_the_database import NOW, Pipeline, publish
from .test_rollups import merge
from .traffic import Shape, Traffic

YESTERDAY = NOW.date() - timedelta(days=1)


pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def traffic(database):
    made, chance = Traffic(Shape(11, 12, 4), NOW), random.Random(11)
    made.published = made.servers
    publish(database, made)
    Pipeline(database).take(as_records(made.first(), chance, itertools.count(1)), chance)
    return made


def compute(database, policy="disconnect_rate", now=NOW):
    return Compute(database, POLICIES[policy], lambda: now)


def rows(database, statement, **values):
    with database.read() as connection:
        return connection.execute(text(statement), values).all()


def events(database):
    found = rows(database, "SELECT payload FROM outbox ORDER BY id")
    return [MetricsEvent.FromString(bytes(row.payload)) for row in found]


def content(database):
    return rows(
        database,
        "SELECT server_id, health, rank, trending, figures"
        " FROM server_snapshots JOIN server_figures USING (generation, server_id)"
        " WHERE generation = (SELECT generation FROM snapshots WHERE as_of = :day) ORDER BY server_id",
        day=YESTERDAY,
    )


def test_models_and_migrations_agree(database):
    assert migrations.check(metadata, database.url) == []


def test_repeating_a_day_changes_nothing_but_the_generation(database, traffic):
    first = compute(database).day(YESTERDAY, Stop())
    before = content(database)
    second = compute(database).day(YESTERDAY, Stop())
    assert second != first
    assert content(database) == before
    assert len(before) == 12


def test_two_processes_share_one_generation(database, traffic, monkeypatch):
    monkeypatch.setattr(generations, "PORTION", 1)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(compute(database).day(YESTERDAY, Stop()))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 3
    assert len(content(database)) == 12
    assert len(rows(database, "SELECT FROM snapshots")) == 1
    # one that came after the others had finished made a generation of its own; none shows half of one
    published = [each for each in events(database) if each.HasField("snapshot_published")]
    assert {each.snapshot_published.servers for each in published} == {12}
    assert len(published) == len(set(found))


def test_what_died_half_way_is_finished_by_the_next(database, traffic, monkeypatch):
    monkeypatch.setattr(generations, "PORTION", 5)
    dying = compute(database)
    with database.transaction() as uow:
        generation = generations.open_or_join(uow.connection, YESTERDAY, "disconnect_rate/1", NOW)
        uow.commit()
    assert dying.portion(generation, YESTERDAY)
    assert content(database) == []
    assert compute(database).day(YESTERDAY, Stop()) == generation
    assert len(content(database)) == 12


def _die_in(url, step, call):
    """Runs in a process of its own, which is killed within a step's transaction."""
    database, calls, real = Database(url, "dying"), itertools.count(1), getattr(generations, step)

    def dying(*given, **named):
        result = real(*given, **named)
        if next(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(generations, step, dying)
    generations.PORTION = 5
    Compute(database, POLICIES["disconnect_rate"], lambda: NOW).day(YESTERDAY, Stop())


def test_a_computation_that_is_killed_at_every_step_is_finished_by_the_next(database, traffic):
    undisturbed = compute(database).day(YESTERDAY, Stop())
    before = content(database)
    # the server imports once, its children are quick
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["__main__", __name__])
    for step, call in (("open_or_join", 1), ("claim", 1), ("finish", 1), ("claim", 2), ("place", 1), ("show", 1)):
        process = processes.Process(target=_die_in, args=(database.url, step, call))
        process.start()
        process.join(30)
        assert process.exitcode == -signal.SIGKILL, step
        assert [row.generation for row in rows(database, "SELECT generation FROM snapshots")] == [undisturbed]
        assert content(database) == before
    begun = rows(database, "SELECT generation FROM generations WHERE computed_at IS NULL")
    assert [row.generation for row in begun] == [compute(database).day(YESTERDAY, Stop())]
    assert content(database) == before
    assert len(rows(database, "SELECT FROM server_snapshots JOIN snapshots USING (generation)")) == 12


def test_other_processes_take_portions_too(database, traffic, monkeypatch):
    monkeypatch.setattr(generations, "PORTION", 5)
    compute(database).day(YESTERDAY, Stop())
    before = content(database)
    leading = Compute(database, POLICIES["disconnect_rate"], lambda: NOW, workers=2)
    monkeypatch.setattr(leading, "portion", lambda *_: False)  # all is done by the other one
    assert leading.day(YESTERDAY, Stop())
    assert content(database) == before


@pytest.mark.parametrize(("module", "step"), [(compute_module, "usage_of"), (generations, "copy_into")])
def test_a_connection_that_is_lost_in_a_portion_is_opened_again(database, traffic, monkeypatch, module, step):
    real, lost = getattr(module, step), []

    def losing(connection, *given):
        if not lost:
            lost.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
            rows(database, "SELECT pg_terminate_backend(:pid, 5000)", pid=lost[0])
        return real(connection, *given)

    monkeypatch.setattr(module, step, losing)
    assert compute(database).day(YESTERDAY, Stop())
    assert len(content(database)) == 12


def test_readers_see_the_generation_before_until_the_next_is_there_and_wait_for_neither(database, traffic, monkeypatch):
    compute(database).day(YESTERDAY, Stop())
    merge(database, [traffic.event(traffic.servers[0], 1, kind=1, synthetic=False) for _ in range(7)])
    before, seen = content(database), []
    for step in ("finish", "place", "show"):
        real = getattr(generations, step)

        def read_within(*given, real=real, **named):
            real(*given, **named)
            seen.append(content(database))

        monkeypatch.setattr(generations, step, read_within)
    compute(database).day(YESTERDAY, Stop())
    assert seen == [before] * 3
    assert content(database) != before


def test_late_events_are_in_a_day_that_is_computed_again(database, traffic):
    compute(database).day(YESTERDAY, Stop())
    before = content(database)
    late = [traffic.event(traffic.servers[0], 2, kind=1, synthetic=False) for _ in range(7)]
    merge(database, late)
    assert content(database) == before
    compute(database).day(YESTERDAY, Stop())
    changed = {str(new.server_id) for old, new in zip(before, content(database), strict=True) if old != new}
    assert traffic.servers[0] in changed


def test_a_stale_or_foreign_beginning_is_given_up(database, traffic):
    with database.transaction() as uow:
        generation = generations.open_or_join(uow.connection, YESTERDAY, "disconnect_rate/1", NOW)
        uow.commit()
    foreign = compute(database, "request_errors").day(YESTERDAY, Stop())
    assert foreign != generation
    with database.transaction() as uow:
        stale = generations.open_or_join(uow.connection, YESTERDAY, "disconnect_rate/1", NOW - timedelta(hours=2))
        uow.commit()
    assert compute(database).day(YESTERDAY, Stop()) != stale


def test_a_generation_that_is_shown_while_another_process_joins_it_is_opened_again(database, traffic):
    """Between finding an unfinished generation in the way and reading its number, it may be finished."""
    with database.transaction() as uow:
        generations.open_or_join(uow.connection, YESTERDAY, "disconnect_rate/1", NOW)
        uow.commit()
    finished = []

    def finish(connection, cursor, statement, *_):
        if statement.startswith("INSERT INTO generations") and not finished:
            finished.append(compute(database).day(YESTERDAY, Stop()))

    joining = Database(database.url, "tests")
    event.listen(joining.engine, "after_cursor_execute", finish)
    assert compute(joining).day(YESTERDAY, Stop()) > finished[0]
    joining.dispose()


def test_a_long_computation_that_goes_on_is_not_stale(database, traffic, monkeypatch):
    monkeypatch.setattr(generations, "PORTION", 5)
    with database.transaction() as uow:
        opened = generations.open_or_join(uow.connection, YESTERDAY, "disconnect_rate/1", NOW - timedelta(hours=3))
        uow.commit()
    assert compute(database, now=NOW - timedelta(minutes=50)).portion(opened, YESTERDAY)
    assert compute(database).day(YESTERDAY, Stop()) == opened


def test_who_was_given_up_says_so(database, traffic, monkeypatch):
    slow, others = compute(database), []
    real = slow.portion

    def portion(generation, as_of):
        if not others:
            others.append(compute(database, "request_errors").day(YESTERDAY, Stop()))
        return real(generation, as_of)

    monkeypatch.setattr(slow, "portion", portion)
    assert slow.day(YESTERDAY, Stop()) is None
    assert [row.generation for row in rows(database, "SELECT generation FROM snapshots")] == others


def test_a_computation_may_take_longer_than_a_request(database, traffic, monkeypatch):
    def slow(work, at):
        def wrapped(*given, **named):
            given[0].execute(text("SELECT pg_sleep(0.5)"))
            return work(*given, **named)

        monkeypatch.setattr(at, work.__name__, wrapped)

    slow(compute_module.usage_of, compute_module)  # the other connection is idle in its transaction meanwhile
    slow(generations.open_or_join, generations)
    slow(generations.standings, generations)
    monkeypatch.setattr(chassis.sql.database, "STATEMENT_TIMEOUT_MS", 300)
    monkeypatch.setattr(chassis.sql.database, "IDLE_IN_TRANSACTION_TIMEOUT_MS", 300)
    hurried = Database(database.url, "tests")
    assert compute(hurried).day(YESTERDAY, Stop())
    hurried.dispose()


def test_a_day_that_is_not_over_or_too_long_ago_is_refused(database):
    for day in (NOW.date(), NOW.date() - timedelta(days=34)):
        with pytest.raises(ValueError, match="complete days"):
            compute(database).day(day, Stop())


def test_the_daemon_catches_up_and_waits_a_little_after_midnight(database, traffic, eventually):
    just_after_midnight = datetime(2026, 3, 11, 0, 5, tzinfo=UTC)
    clock = lambda: just_after_midnight  # noqa: E731
    daily, stop = Daily(database, Compute(database, POLICIES["disconnect_rate"], clock), clock, Backlog), Stop()
    thread = threading.Thread(target=daily.run, args=(stop,))
    thread.start()
    try:
        eventually(lambda: rows(database, "SELECT FROM snapshots"))
    finally:
        stop.set()
        thread.join(20)
    assert [row.as_of for row in rows(database, "SELECT as_of FROM snapshots")] == [YESTERDAY]


def test_the_purge_keeps_what_windows_need(database, traffic):
    compute(database).day(YESTERDAY, Stop())
    compute(database).day(YESTERDAY, Stop())
    before = content(database)
    assert purge(database, NOW.date())["server_accounts"] == 0
    compute(database).day(YESTERDAY, Stop())
    assert content(database) == before
    removed = purge(database, NOW.date() + timedelta(days=500))
    assert removed["snapshots"] == 1
    assert removed["server_accounts"] > 0
    assert rows(database, "SELECT FROM server_snapshots") == []
    assert rows(database, "SELECT FROM usage_server_days") == []
