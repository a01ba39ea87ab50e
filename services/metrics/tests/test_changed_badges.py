"""Which badges are told to others, and when."""

from datetime import timedelta

import pytest
from chassis.process import Stop
from directory.metrics.v1 import server_metrics_pb2
from metrics.store import generations
from sqlalchemy import text

from .test_compute import YESTERDAY, compute, content, events, traffic

__all__ = ["traffic"]


pytestmark = pytest.mark.usefixtures("emptied")


def empty_of(database, *tables):
    with database.transaction() as uow:
        for table in tables:
            uow.execute(text(f"DELETE FROM {table}"))
        uow.commit()


def badges(database):
    return [
        (event.server_id, event.health_changed.to) for event in events(database) if event.HasField("health_changed")
    ]


def test_changed_badges_are_told_and_history_is_not(database, traffic):
    compute(database).day(YESTERDAY, Stop())
    told = {e.server_id: e.health_changed for e in events(database) if e.HasField("health_changed")}
    shown = {str(row.server_id): row.health for row in content(database)}
    assert {s for s, health in shown.items() if health != server_metrics_pb2.HEALTH_COLLECTING} == told.keys()
    assert told
    compute(database).day(YESTERDAY - timedelta(days=1), Stop())
    after = [e for e in events(database) if e.HasField("health_changed")]
    assert len(after) == len(told)
    assert len({e.event_id for e in events(database)}) == len(events(database))


def test_badges_of_a_day_that_is_not_counted_are_told_when_it_is(database, traffic):
    compute(database).day(YESTERDAY, Stop(), complete=False)
    assert badges(database) == []
    compute(database).day(YESTERDAY - timedelta(days=1), Stop())
    told = badges(database)
    compute(database).day(YESTERDAY, Stop())
    now = dict(badges(database))
    assert told
    expected = {str(row.server_id): row.health for row in content(database)}
    assert {s: now.get(s, server_metrics_pb2.HEALTH_COLLECTING) for s in expected} == expected
    compute(database).day(YESTERDAY, Stop(), complete=False)
    compute(database).day(YESTERDAY, Stop())
    assert dict(badges(database)) == now
    assert len(badges(database)) == len(set(badges(database)))


def test_who_leaves_the_directory_during_a_computation_changes_no_badge(database, traffic, monkeypatch):
    real = generations.standings

    def leave(connection, generation):
        with database.transaction() as uow:
            uow.execute(text("UPDATE servers SET published = false WHERE server_id = :id"), {"id": gone})
            uow.commit()
        return real(connection, generation)

    compute(database).day(YESTERDAY, Stop())
    gone, _ = badges(database)[0]
    empty_of(database, "outbox", "snapshots", "generations")
    monkeypatch.setattr(generations, "standings", leave)
    compute(database).day(YESTERDAY, Stop())
    assert badges(database)
    assert gone not in dict(badges(database))
