"""The daemon: what it computes, what it purges, and what it survives."""

import random
import threading
from datetime import UTC, datetime, time, timedelta
from functools import partial

import chassis.sql.database
import psycopg
import pytest
from chassis.process import Stop
from chassis.sql.database import Database
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from metrics.domain.health import POLICIES
from metrics.processes import daily as daily_module
from metrics.processes.compute import Compute
from metrics.processes.daily import Daily, due, missing_days
from metrics.processes.uncounted import Backlog, Uncounted
from metrics.processes.unread import current_topic_id
from metrics.store import offsets
from metrics.store import purge as purging
from metrics.store.offsets import Move
from metrics.store.purge import purge
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from .test_compute import rows
from .test_oracle_on_the_database import publish
from .test_rollups import merge
from .traffic import Shape, Traffic

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)
TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
SERVER = "00000000-0000-4000-8000-00000000dddd"


pytestmark = pytest.mark.usefixtures("emptied")


def behind(now, since=NOW - timedelta(days=100)):
    """A partition waits for ingest, with records from then on."""
    return Backlog(now, {7: since})


def daily(database, now=NOW, uncounted=Backlog):
    return Daily(database, Compute(database, POLICIES["disconnect_rate"], lambda: now), lambda: now, uncounted)


def ago(*ages):
    return [TODAY - timedelta(days=age) for age in ages]


def accounts(database, *ages):
    with database.transaction() as uow:
        for number, age in enumerate(ages):
            uow.execute(
                text("INSERT INTO server_accounts VALUES (:server, :account, :day, 1, 1, 0)"),
                {"server": SERVER, "account": number, "day": TODAY - timedelta(days=age)},
            )
        uow.commit()


def test_days_are_missing_wherever_they_are():
    assert missing_days([], TODAY, YESTERDAY) == [YESTERDAY]
    assert missing_days([YESTERDAY], TODAY, YESTERDAY) == []
    assert missing_days(ago(3), TODAY, YESTERDAY) == ago(2, 1)
    assert missing_days(ago(5, 3, 1), TODAY, YESTERDAY) == ago(4, 2)
    assert missing_days(ago(50), TODAY, YESTERDAY) == ago(*range(33, 0, -1))
    assert missing_days(ago(50), TODAY, ago(2)[0]) == ago(*range(33, 1, -1))


@pytest.mark.parametrize("moment", [NOW, NOW.replace(hour=0, minute=5)])
def test_after_a_long_time_away_every_day_that_can_be_is_computed(database, moment):
    with database.transaction() as uow:
        uow.execute(
            text(
                "WITH made AS (INSERT INTO generations (as_of, policy, started_at, computed_at, servers)"
                " VALUES (:day, '', :day, :day, 0) RETURNING as_of, generation)"
                " INSERT INTO snapshots SELECT * FROM made"
            ),
            {"day": ago(40)[0]},
        )
        uow.commit()
    daily(database, moment).look(Stop())
    with database.transaction() as uow:
        uow.execute(text("DELETE FROM snapshots WHERE as_of = :day"), {"day": ago(7)[0]})
        uow.commit()
    daily(database, moment).look(Stop())
    last = 1 if moment == NOW else 2
    assert {row.as_of for row in rows(database, "SELECT as_of FROM snapshots")} == set(ago(40, *range(last, 34)))


def shown_days(database):
    found = rows(database, "SELECT snapshots.as_of, complete FROM snapshots JOIN generations USING (generation)")
    return {row.as_of: row.complete for row in found}


def test_a_day_waits_for_ingest_but_not_for_ever(database):
    midnight = NOW.replace(hour=0, minute=0)
    lagging = partial(behind, since=midnight + timedelta(minutes=9))
    daily(database, midnight + timedelta(minutes=54), lagging).look(Stop())
    assert shown_days(database) == {}
    daily(database, midnight + timedelta(minutes=56), lagging).look(Stop())
    assert shown_days(database) == {YESTERDAY: False}


def test_what_arrives_after_a_day_is_due_keeps_it_from_nothing(database):
    daily(database, NOW, partial(behind, since=due(YESTERDAY))).look(Stop())
    assert shown_days(database) == {YESTERDAY: True}


def test_a_day_is_complete_only_when_events_had_time_to_arrive(database):
    midnight = NOW.replace(hour=0, minute=0)
    for minutes, complete in ((3, False), (9, False), (11, True)):
        at = daily(database, midnight + timedelta(minutes=minutes))
        if minutes == 3:
            at.compute_now([YESTERDAY], Stop())
        at.look(Stop())
        assert shown_days(database)[YESTERDAY] is complete


def test_days_are_computed_oldest_first_after_one_look_at_kafka(database):
    daily(database).compute_now(ago(5), Stop())
    daily(database, NOW, behind).compute_now(ago(3), Stop())
    looks = []
    daily(database, NOW, lambda now: looks.append(now) or Backlog(now)).look(Stop())
    computed = rows(database, "SELECT as_of FROM generations WHERE complete ORDER BY generation")
    assert [row.as_of for row in computed] == ago(5, 4, 3, 2, 1)
    assert looks == [NOW]


def test_a_day_that_gets_out_of_reach_during_the_catch_up_is_left_out(database):
    daily(database, NOW - timedelta(days=33)).compute_now(ago(34), Stop())
    late = daily(database, NOW + timedelta(days=1))
    late._clock = iter([NOW, *[NOW + timedelta(days=1)] * 100]).__next__
    late.look(Stop())
    assert set(shown_days(database)) == set(ago(34, *range(1, 33)))


def test_a_day_that_did_not_wait_is_computed_again_once_it_is_counted(database):
    daily(database, NOW, behind).look(Stop())
    first = rows(database, "SELECT generation FROM snapshots")
    daily(database, NOW, behind).look(Stop())
    assert rows(database, "SELECT generation FROM snapshots") == first
    daily(database).look(Stop())
    assert shown_days(database) == {YESTERDAY: True}
    second = rows(database, "SELECT generation FROM snapshots")
    assert second != first
    daily(database).look(Stop())
    assert rows(database, "SELECT generation FROM snapshots") == second


def test_a_day_that_somebody_asks_for_waits_for_nothing(database):
    by_hand = daily(database, NOW, partial(behind, since=datetime(2026, 3, 8, 0, 10, tzinfo=UTC)))
    assert by_hand.compute_now(ago(1, 2, 3), Stop()) is None
    assert shown_days(database) == dict(zip(ago(1, 2, 3), (False, False, True), strict=True))
    assert daily(database, NOW.replace(hour=0, minute=5)).compute_now(ago(1), Stop()) is None
    assert shown_days(database)[YESTERDAY] is False  # events may still be on their way
    assert by_hand.compute_now([], Stop()) is None


def test_what_is_not_counted_is_known_from_kafka_and_the_database(database, kafka, usage_topic):
    look = Uncounted(database, kafka, topic=usage_topic)
    before = datetime.now(UTC)
    producer = KafkaProducer(bootstrap_servers=kafka.split(","))
    sent = producer.send(usage_topic, b"", partition=1, timestamp_ms=1).get(20)
    producer.close()
    soon = before + timedelta(minutes=1)
    assert look(soon).before(before) == ""  # it arrived later
    assert "partitions 1" in look(soon).before(soon)
    assert "may arrive" in look(before).before(soon)
    with database.transaction() as uow:
        place = Move(current_topic_id(kafka, usage_topic), 1, sent.offset, sent.offset + 1)
        offsets.places(uow.connection, place.topic_id, {1: place.start})
        offsets.move(uow.connection, [place], "tests")
        uow.commit()
    assert look(soon).before(soon) == ""
    assert "Kafka does not say" in Uncounted(database, "127.0.0.1:1", topic=usage_topic)(soon).before(before)


def test_records_that_were_removed_uncounted_are_missing_until_ingest_has_gone_past_them(database, kafka, usage_topic):
    look, before = Uncounted(database, kafka, topic=usage_topic), datetime.now(UTC)
    producer = KafkaProducer(bootstrap_servers=kafka.split(","))
    sent = [producer.send(usage_topic, b"", partition=1).get(20) for _ in range(2)]
    producer.close()
    admin = KafkaAdminClient(bootstrap_servers=kafka.split(","))
    admin.delete_records({TopicPartition(usage_topic, 1): sent[1].offset})
    admin.close()
    assert "partitions 1" in look(before).before(before)
    with database.transaction() as uow:
        offsets.places(uow.connection, current_topic_id(kafka, usage_topic), {1: sent[1].offset})
        uow.commit()
    assert look(before).before(before) == ""


def test_snapshots_are_kept_400_days(database):
    made = text(
        "WITH made AS (INSERT INTO generations (as_of, policy, started_at, computed_at, servers)"
        " VALUES (:day, '', :day, :day, 0) RETURNING as_of, generation),"
        " shown AS (INSERT INTO snapshots SELECT * FROM made)"
        " INSERT INTO server_snapshots (generation, server_id, active_30, active_7, active_previous_7, health, ranked)"
        " SELECT generation, gen_random_uuid(), 0, 0, 0, 2, false FROM made"
    )
    with database.transaction() as uow:
        for day in ago(400, 401):
            uow.execute(made, {"day": day})
        uow.commit()
    purge(database, TODAY)
    assert shown_days(database).keys() == set(ago(400))
    assert len(rows(database, "SELECT FROM server_snapshots")) == 1


def test_dead_letters_are_kept_as_long_as_the_days_on_which_they_would_count(database):
    letter = text(
        "INSERT INTO usage_dead_letters (topic_id, partition, position, arrived_us, content_type, value, reason,"
        " detail, received_at) VALUES (gen_random_uuid(), 0, 0, 0, '', '', 'r', '', :day)"
    )
    with database.transaction() as uow:
        for day in ago(1, 64, 65, 400):
            uow.execute(letter, {"day": datetime.combine(day, time(12), UTC)})
        uow.commit()
    assert purge(database, TODAY)["usage_dead_letters"] == 2
    kept = rows(database, "SELECT received_at FROM usage_dead_letters ORDER BY id")
    assert [row.received_at.date() for row in kept] == ago(1, 64)


def test_the_purge_is_done_again_after_a_restart_though_no_day_is_missing(database):
    looking = daily(database)
    looking.look(Stop())
    accounts(database, 100)
    looking.look(Stop())
    assert rows(database, "SELECT FROM server_accounts")  # once a day
    daily(database).look(Stop())
    assert rows(database, "SELECT FROM server_accounts") == []


def test_an_outage_during_the_purge_is_survived(database, monkeypatch):
    def fail_once(*_):
        monkeypatch.setattr(daily_module, "purge", purge)
        cause = psycopg.errors.QueryCanceled("canceling statement due to statement timeout")
        raise OperationalError("DELETE", {}, cause) from cause

    accounts(database, 100)
    stop = Stop()
    waits = []
    monkeypatch.setattr(stop, "wait", lambda seconds: waits.append(seconds) or (len(waits) > 1 and stop.set()))
    monkeypatch.setattr(daily_module, "purge", fail_once)
    daily(database).run(stop)
    assert rows(database, "SELECT FROM server_accounts") == []


def test_a_table_that_cannot_be_purged_keeps_no_other_from_it(database, monkeypatch):
    accounts(database, 100)
    with database.transaction() as uow:
        uow.execute(
            text("INSERT INTO usage_server_days (server_id, day) VALUES (:server, :day)"),
            {"server": SERVER, "day": TODAY - timedelta(days=100)},
        )
        uow.commit()
    with database.transaction() as holding:
        holding.execute(text("LOCK TABLE server_accounts IN EXCLUSIVE MODE"))
        monkeypatch.setattr(chassis.sql.database, "LOCK_TIMEOUT_MS", 50)
        hurried = Database(database.url, "tests")
        with pytest.raises(OperationalError):
            purge(hurried, TODAY)
        hurried.dispose()
    assert rows(database, "SELECT FROM usage_server_days") == []


def test_the_purge_walks_all_accounts_and_takes_the_old_ones_alone(database, monkeypatch):
    monkeypatch.setattr(purging, "PAGES", 2)
    chance = random.Random(4)
    ages = [chance.choice([1, 64, 65, 100]) for _ in range(1000)]
    accounts(database, *ages)
    assert purge(database, TODAY)["server_accounts"] == sum(age > 64 for age in ages)
    assert {row.last_day for row in rows(database, "SELECT last_day FROM server_accounts")} == set(ago(1, 64))


def test_a_day_of_long_ago_is_computed_again_as_it_was(database):
    traffic = Traffic(Shape(8, 1, 1), NOW)
    traffic.published = traffic.servers
    publish(database, traffic)
    for age in range(31, 63):
        merge(database, [traffic.event(traffic.servers[0], age, kind=1, synthetic=False, account=age)], arrived_ago=31)
    compute, oldest = Compute(database, POLICIES["disconnect_rate"], lambda: NOW), ago(33)[0]
    active = (
        "SELECT active_30, active_7, figures FROM server_snapshots JOIN server_figures USING (generation, server_id)"
        " WHERE generation = :generation"
    )
    before = rows(database, active, generation=compute.day(oldest, Stop()))
    assert before[0].active_30 == 30
    purge(database, TODAY)
    assert rows(database, active, generation=compute.day(oldest, Stop())) == before


def test_an_account_that_comes_back_during_the_purge_stays(database):
    """The purge waits for the row's lock, and must look at the row again."""
    with database.transaction() as uow:
        uow.execute(
            text("INSERT INTO usage_server_days (server_id, day) VALUES (:s, :d)"), {"s": SERVER, "d": ago(90)[0]}
        )
        uow.commit()
    with database.transaction() as coming_back:
        coming_back.execute(text("UPDATE usage_server_days SET day = :day"), {"day": TODAY})
        purging_thread = threading.Thread(target=purge, args=(database, TODAY))
        purging_thread.start()
        purging_thread.join(0.7)
        coming_back.commit()
    purging_thread.join(20)
    assert rows(database, "SELECT FROM usage_server_days")
