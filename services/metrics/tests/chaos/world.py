"""A database, a topic and the processes on them, for some rounds; and everything that is known to be true of them."""

import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import psycopg
from chassis.sql import migrations
from chassis.sql.database import Database
from metrics.store import offsets as places
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from .expected import Figures, TopicExpected, facts
from .found import found
from .processes import Processes
from .round_traffic import Meanings
from .schedule import WORKERS
from .servers import Servers
from .usage_topic import PARTITIONS, Acknowledged, Found, Sent, UsageTopic

PATIENCE = 60.0


class Stuck(AssertionError):  # noqa: N818  # a verdict
    """Something did not happen in time although nothing is in its way."""


def until(check: Callable[[], object], what: Callable[[], str], seconds: float = PATIENCE) -> None:
    """Returns when `check` is true; a database that is on its way back says nothing. Raises Stuck."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(DBAPIError, psycopg.OperationalError):
            if check():
                return
        if time.monotonic() > deadline:
            raise Stuck(f"stuck: {what()}")
        time.sleep(0.03)


class World:
    """`with World(servers) as world:`"""

    def __init__(self, servers: Servers, *, mutant: str = "", patience: float = PATIENCE) -> None:
        self.servers, self._mutant, self._patience = servers, mutant, patience
        self.meanings = Meanings()
        self._figures: Figures = Counter()
        self.topics: list[TopicExpected] = []
        self.acknowledged: list[Acknowledged] = []
        self.faults: list[str] = []
        self.stops = 0
        self.servers_of_round: Sequence[str] = ()
        self._deadlocks = servers.deadlocks()

    def __enter__(self) -> "World":
        name = f"metrics_{secrets.token_hex(4)}"
        with psycopg.connect(self.servers.postgres_server.admin_url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url = self.servers.postgres_server.admin_url(name)
        migrations.upgrade("metrics", url)
        self.database = Database(url, "chaos")
        self.topic = UsageTopic(self.servers.bootstrap)
        self.make_topic_anew()
        self.processes = Processes(self.servers, url, mutant=self._mutant)
        try:
            for worker in WORKERS:
                self.processes.start(worker, "ingest")
            self.await_workers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.processes.close()
        self.topic.close()
        self.database.dispose()

    @property
    def now(self) -> TopicExpected:
        """The topic as it is now."""
        return self.topics[-1]

    def make_topic_anew(self) -> None:
        """Another topic of that name; the old one's content must be known."""
        self.topic.make_anew()
        self.acknowledged = []
        self.topics.append(TopicExpected(self.topic.topic_id, self.meanings, self._figures))

    def await_workers(self) -> None:
        """Both workers are members of a group that has settled."""

        def missing() -> list[str]:
            members = self.topic.members()
            return [w for w in WORKERS if not any(m.endswith(f"-{self.processes.pid(w)}") for m in members)]

        def joined() -> bool:
            self.raise_when_dead()
            return not missing()

        until(joined, lambda: f"the group is without {missing()}, it is {self.topic.members()}")

    def raise_when_dead(self) -> None:
        """A worker never ends by itself."""
        for worker in WORKERS:
            self.processes.is_alive(worker)
        if self.processes.ended:
            raise Stuck("died: " + "; ".join(self.processes.ended))

    def send(self, records: Sequence[Sent]) -> list[Acknowledged]:
        """Sends until acknowledged."""
        done = self.topic.send(records)
        self.acknowledged += done
        return done

    def learn_content(self) -> None:
        """Reads what the topic has since it was last read, and looks for what was acknowledged."""
        self.now.extend(self.topic.read(self.now.ends))
        for each in self.acknowledged:
            if not self.now.has(each.record.partition, each.offset, each.record.value):
                self.faults.append(f"broker: {each.record.partition}/{each.offset} was acknowledged and is gone")
        self.acknowledged = []

    def learn_acknowledged(self, sent: Sequence[Acknowledged]) -> None:
        """Takes records that were just acknowledged as read, because the topic is about to go."""
        by_partition: dict[int, list[Found]] = {number: [] for number in range(PARTITIONS)}
        for each in sorted(sent, key=lambda each: each.offset):
            record = each.record
            by_partition[record.partition].append(Found(each.offset, each.arrived_us, record.value, record.headers))
        self.now.extend(by_partition)

    def resume_stopped(self) -> None:
        """What an operator does about a flood."""
        with self.database.read() as connection:
            stopped = places.stopped(connection, self.now.topic_id)
        for number in stopped:
            with self.database.transaction() as uow:
                places.resume(uow.connection, self.now.topic_id, number)
                at = places.places(uow.connection, self.now.topic_id, {number: 0})[number].next_offset
                uow.commit()
            self.now.resume(number, at)
            self.stops += 1

    def take_stops(self) -> int:
        """How many floods were stopped since it was last asked."""
        stops, self.stops = self.stops, 0
        return stops

    def take_stalls(self) -> int:
        """How many workers ended since it was last asked because their client stood still."""
        stalls, self.processes.stalls = self.processes.stalls, 0
        return stalls

    def drain(self) -> None:
        """Waits until the workers are through."""
        ends = self.now.ends

        def through() -> bool:
            self.raise_when_dead()
            self.resume_stopped()
            return self.offsets() == ends

        until(through, lambda: f"partitions are at {self.offsets()} of {ends}", self._patience)

    def offsets(self) -> Mapping[int, int]:
        """Where the present topic is counted up to."""
        statement = text("SELECT partition, next_offset FROM usage_offsets WHERE topic_id = :topic_id")
        with self.database.read() as connection:
            rows = connection.execute(statement, {"topic_id": self.now.topic_id})
            return {row.partition: row.next_offset for row in rows}

    def differences(self) -> list[str]:
        """What is not as it must be. Holds at any moment, drained or not, once the content is known."""
        stored, figures = found(self.database)
        for topic in self.topics:
            topic.advance(stored.get(topic.topic_id, {}))
        differing = [fault for topic in self.topics for fault in topic.faults] + self.faults
        if (deadlocks := self.servers.deadlocks()) > self._deadlocks:
            differing.append(f"deadlock: {deadlocks - self._deadlocks} times")
        wanted = facts(self._figures)
        for key in sorted(wanted.keys() | figures.keys(), key=str):
            if figures[key] != wanted[key]:
                word = "lost" if figures[key] < wanted[key] else "doubled"
                differing.append(f"{word}: {' '.join(map(str, key))} is {figures[key]}, not {wanted[key]}")
        return differing
