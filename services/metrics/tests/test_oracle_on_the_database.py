"""Many random runs without Kafka: records -> intake -> flush -> compute -> answer, against the oracle."""

import functools
import itertools
import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from chassis.grants import Grant
from chassis.process import Stop
from chassis.rpc import caller
from directory.metrics.v1.metrics_service_pb2 import BatchGetServerSummariesRequest, GetServerMetricsRequest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from metrics.api.metrics_api import MetricsApi
from metrics.consumers.usage_intake import UsageIntake
from metrics.consumers.usage_records import together
from metrics.domain import day_maps, rollup_deltas
from metrics.domain.first_sight import FirstSight
from metrics.domain.health import POLICIES
from metrics.processes.compute import Compute
from metrics.store import flush, offsets, servers, usage_windows
from sqlalchemy import text

from .agreement import check, check_summary
from .conftest import empty
from .oracle import Oracle, ledger
from .records import as_records
from .traffic import Shape, Traffic

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)
TOPIC_ID = "00000000-0000-4000-8000-00000000aaaa"
ORGANIZATION = "00000000-0000-4000-8000-00000000bbbb"

shapes = st.builds(Shape, seed=st.integers(0, 2**32), servers=st.integers(1, 14), scale=st.integers(1, 12))


def grant(organization_id=ORGANIZATION):
    return Grant(
        person_id="00000000-0000-4000-8000-00000000cccc",
        name="Ada",
        organization_id=organization_id,
        directory_management=True,
        denied_reason="",
        owner=True,
        staff_role="",
        organizations=frozenset({organization_id}),
        expires_at=datetime.now(UTC) + timedelta(minutes=1),
    )


class Pipeline:
    """The parts, without Kafka."""

    def __init__(self, database):
        self.database = database
        self.offsets = {0: 0, 1: 0, 2: 0}
        self.intake = UsageIntake(self.windows)
        self.begin()

    def begin(self):
        with self.database.transaction() as uow:
            places = offsets.places(uow.connection, TOPIC_ID, dict.fromkeys(self.offsets, 0))
            uow.commit()
        self.intake.begin(TOPIC_ID, places)

    def windows(self, topic_id, partition, producers):
        with self.database.read() as connection:
            return offsets.windows(connection, topic_id, partition, producers)

    def take(self, records, chance):
        """In polls of a few records of one partition."""
        records = list(records)
        while records:
            partition = records[0][0]
            polled = [record for record in records[: chance.randint(1, 8)] if record[0] == partition]
            for record in polled:
                records.remove(record)
            self.poll(partition, polled)
            if chance.random() < 0.2:
                self.flush()
            if chance.random() < 0.05:
                self.flush()
                self.begin()
        self.flush()

    def poll(self, partition, records):
        first = self.offsets[partition]
        self.offsets[partition] += len(records)
        polled = [
            SimpleNamespace(offset=first + n, key=None, headers=headers, value=value)
            for n, (_, value, headers) in enumerate(records)
        ]
        self.intake.prepare(partition, polled)
        for part in together(polled):
            arrived_us = [int(NOW.timestamp() * 10**6)] * len(part.records)
            self.intake.take(partition, part.records, arrived_us, plain=part.plain)

    def flush(self):
        if self.intake.touched:
            flush.commit(self.database, self.intake.drain(), "test")
            self.intake.written()

    def ledger(self):
        with self.database.read() as connection:
            rows = connection.execute(text("SELECT entry, sum(amount) FROM usage_ledger GROUP BY entry"))
            return {entry: int(amount) for entry, amount in rows}


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    """Places for sights are taken, names learned anew, and accounts read in pieces, as in a day of very many."""
    monkeypatch.setattr(day_maps, "FirstSight", functools.partial(FirstSight, places_bits=5))
    monkeypatch.setattr(rollup_deltas, "_FORGET_NAMES", 12)
    monkeypatch.setattr(usage_windows, "MOST_ACCOUNTS", 40)


@pytest.mark.parametrize("policy", sorted(POLICIES))
@settings(
    max_examples=12,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(shape=shapes)
def test_every_figure_is_the_oracles(database, policy, shape):
    empty(database)
    traffic, pipeline, chance = Traffic(shape, NOW), Pipeline(database), random.Random(shape.seed)
    publish(database, traffic)
    numbers = itertools.count(1)
    compute = Compute(database, POLICIES[policy], lambda: NOW)
    events = traffic.first()
    pipeline.take(as_records(events, chance, numbers), chance)
    oracle = Oracle(events, traffic.published, policy)
    for age in (3, 2):
        agree(database, oracle, compute, NOW.date() - timedelta(days=age))
    late = traffic.late() + traffic.to_the_microsecond()
    pipeline.take(as_records(late, chance, numbers), chance)
    oracle.events = Oracle(events + late, ()).events
    for age in (2, 1):
        agree(database, oracle, compute, NOW.date() - timedelta(days=age))
    found = pipeline.ledger()
    left_out = found.pop("records_duplicate", 0) + found.pop("records_out_of_window", 0)
    assert found.pop("records") == found.pop("records_counted") + left_out
    assert found == {entry: amount for entry, amount in ledger(events + late).items() if amount}


def publish(database, traffic):
    with database.transaction() as uow:
        for server in traffic.servers:
            servers.record(
                uow.connection,
                server,
                organization_id=ORGANIZATION,
                published=server in traffic.published,
                changed_at=NOW,
            )
        uow.commit()


def agree(database, oracle, compute, as_of):
    compute.day(as_of, Stop())
    expected = oracle.compute(as_of)
    api = MetricsApi(database, [("claude_ai", "Claude.ai")])
    with caller.bind(grant=grant(), peer="gateway"):
        for server, figures in expected.items():
            check(api.GetServerMetrics(GetServerMetricsRequest(server_id=server), None).metrics, figures)
        ids = sorted(expected)
        answer = api.BatchGetServerSummaries(BatchGetServerSummariesRequest(server_ids=ids), None)
    for summary, server in zip(answer.summaries, ids, strict=True):
        check_summary(summary, expected[server])
