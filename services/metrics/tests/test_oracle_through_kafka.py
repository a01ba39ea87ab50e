"""The whole way: Kafka -> workers -> PostgreSQL -> compute -> answer, against the oracle."""

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest
from metrics.domain.health import POLICIES
from metrics.processes.compute import Compute

from .conftest import empty
from .oracle import Oracle
from .oracle import ledger as expected_ledger
from .records import as_records
from .test_oracle_on_the_database import agree, publish
from .traffic import Shape, Traffic
from .worker_under_test import WorkerThread, ledger, plan, send


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_is_the_oracles(database, kafka, usage_topic, eventually, seed):
    empty(database)
    now = datetime.now(UTC)
    traffic, chance, numbers = Traffic(Shape(seed, 10, 10), now), random.Random(seed), itertools.count(1)
    publish(database, traffic)
    events = traffic.first()
    oracle = Oracle(events, traffic.published)
    compute = Compute(database, POLICIES["disconnect_rate"], lambda: now)
    with WorkerThread(database.url, plan(kafka, usage_topic, "one", events=700)):
        send(kafka, usage_topic, as_records(events, chance, numbers))
        eventually(lambda: ledger(database).get("events") == len(events))
        agree(database, oracle, compute, now.date() - timedelta(days=2))
        with WorkerThread(database.url, plan(kafka, usage_topic, "two")):
            late = traffic.late()
            send(kafka, usage_topic, as_records(late, chance, numbers))
            eventually(lambda: ledger(database).get("events") == len(events + late))
    oracle.events = Oracle(events + late, ()).events
    agree(database, oracle, compute, now.date() - timedelta(days=1))
    found = ledger(database)
    wanted = expected_ledger(events + late)
    assert {entry: found.get(entry, 0) for entry in wanted} == wanted
