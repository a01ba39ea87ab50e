"""The ingest worker: Kafka hands it partitions, PostgreSQL says where to read on and what counts.

The order that must not change:
1. The group's listener, on the client's I/O thread, pauses new partitions and sets a flag; nothing else.
2. The poll loop, when it sees the flag, writes what it holds, reads the places from the database, seeks, resumes.
3. A flush moves offsets by compare-and-set in the transaction of the rollups; whoever lost a partition is fenced there.
4. After a fence, or an error whose outcome is not this flush, everything in memory is thrown away and read again.

One thread reads and writes: while it writes, or waits for a part that is away, nothing more is fetched, and memory
holds no more than `waiting_bytes`, one poll and one fetch of each broker.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from chassis.kafka.connection import Bootstrap
from chassis.kafka.reach import require_broker
from chassis.logs import get_logger
from chassis.process import Stop
from chassis.sql.database import Database
from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import CorruptRecordError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from metrics.consumers import worker_metrics
from metrics.consumers.unreadable_batches import is_readable
from metrics.consumers.usage_intake import UsageIntake
from metrics.consumers.usage_partitions import RebalanceListener, Starts, UsageTopic, beginnings, usage_consumer
from metrics.consumers.usage_records import together
from metrics.consumers.worker_health import Stalled, WorkerHealth
from metrics.domain.arrow_limits import RecordLimits
from metrics.domain.sequence_window import SequenceWindow
from metrics.store import flush as flushing
from metrics.store import offsets
from metrics.store.flush import Flush
from metrics.store.offsets import Fenced, Place

_POLL_MS = 200
_CLOSE_MS = 5_000
_RETRY_SECONDS = 1.0
_LOG_APPEND_TIME = 1
# A poll makes tens of thousands of objects and hardly a cycle: looking for cycles as often as Python does by itself
# takes a third of the time of reading.
_OBJECTS_BETWEEN_COLLECTIONS = 200_000

Result = TypeVar("Result")


@dataclass(frozen=True)
class WorkerPlan:
    """What a worker reads, how often it writes, and how much may wait in memory until then."""

    bootstrap: Bootstrap
    topic: str
    group: str
    name: str
    flush_seconds: float = 5.0
    flush_events: int = 2_000_000
    limits: RecordLimits = field(default_factory=RecordLimits)
    waiting_bytes: int = 160 * 1024 * 1024
    stall_seconds: float = 30.0


class UsageWorker:
    """Reads its share of the usage topic until it is told to stop."""

    def __init__(self, database: Database, plan: WorkerPlan, now_us: Callable[[], int]) -> None:
        self._database, self._plan, self._now_us = database, plan, now_us
        self._starts = Starts()
        self._intake = UsageIntake(self._load_windows, plan.limits)
        self.health = WorkerHealth(plan.stall_seconds, now_us, plan.bootstrap)
        self._stop = Stop()
        self._next_tick = time.monotonic() + plan.flush_seconds

    def run(self, stop: Stop) -> None:
        """The poll loop. Raises Stalled where only a new process helps."""
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        self._stop = stop
        if not self._connect():
            return
        try:
            while not stop.is_set():
                self._step()
            self._flush()
        except _StopAsked as error:
            get_logger().warning("stopped while a part was away: what was not written is read again", detail=str(error))
        finally:
            self._disconnect()

    def _disconnect(self) -> None:
        """Leaves the group, so that others have the partitions at once."""
        with self.health.calling():
            self._consumer.close(autocommit=False, timeout_ms=_CLOSE_MS)
            self._topic.close()

    def _connect(self) -> bool:
        """Waits until Kafka answers, and joins the group; false when told to stop before."""
        while not self._stop.is_set():
            try:
                require_broker(self._plan.bootstrap)
                with self.health.calling(), ExitStack() as begun:
                    self._consumer = usage_consumer(self._plan.bootstrap, self._plan.group, self._plan.name)
                    begun.callback(self._consumer.close, autocommit=False, timeout_ms=_CLOSE_MS)
                    self._listener = RebalanceListener(self._consumer)
                    self._topic = UsageTopic(self._plan.bootstrap, self._plan.topic)
                    begun.callback(self._topic.close)
                    # a group that is joined before the topic is known assigns nothing at first, and may stay so
                    self._consumer.partitions_for_topic(self._plan.topic)
                    self._consumer.subscribe([self._plan.topic], listener=self._listener)
                    begun.pop_all()
                return True
            except KafkaError as error:
                get_logger().warning("Kafka does not answer", detail=str(error))
                self._stop.wait(_RETRY_SECONDS)
        return False

    def _rejoin(self, why: str) -> None:
        """Joins the group anew, with a new client."""
        self._disconnect()
        if not self._connect():
            raise _StopAsked(why)

    def _step(self) -> None:
        polled = self._poll()
        if self._listener.changed:
            self._adopt()  # what was polled is void: positions are set anew
            return
        for partition, records in polled.items():
            if not self._take(partition, records):
                return
        if time.monotonic() >= self._next_tick:
            self._next_tick = time.monotonic() + self._plan.flush_seconds
            if self._flush():
                self._look_for_released_partitions()
        with self.health.calling():
            stalled = self.health.look(self._consumer, self._intake, self._topic)
        if stalled:
            self._flush()
            raise Stalled(f"partitions {stalled} stood still for {self._plan.stall_seconds} s")

    def _poll(self) -> dict[TopicPartition, list[Any]]:
        try:
            with self.health.calling():
                records: dict[TopicPartition, list[Any]] = self._consumer.poll(timeout_ms=_POLL_MS)
        except NoOffsetForPartitionError:
            return {}  # new partitions: the flag is up, and _adopt seeks
        except OffsetOutOfRangeError as error:
            get_logger().error("the topic has no record at the stored offset", detail=str(error))
            self._listener.changed = True
            self._stop.wait(_RETRY_SECONDS)
            return {}
        except CorruptRecordError as error:
            self._stop_the_unreadable(error)
            return {}
        except KafkaError as error:
            get_logger().warning("Kafka does not answer as it should", detail=str(error))
            self._stop.wait(_RETRY_SECONDS)
            return {}
        return records

    def _stop_the_unreadable(self, error: CorruptRecordError) -> None:
        """Stops the partitions in which the client cannot read on; the others go on with another client."""
        get_logger().error("Kafka's client cannot read a record", detail=str(error))
        going = {n: offset for n, offset in self._intake.positions.items() if n not in self._intake.stopped}
        try:
            for number, offset in going.items():
                with self.health.calling():
                    readable = is_readable(self._plan.bootstrap, TopicPartition(self._plan.topic, number), offset)
                if not readable:
                    self._intake.stop(number, f"Kafka's client cannot read on at offset {offset}: {error}")
        except KafkaError as away:
            get_logger().warning("Kafka does not answer", detail=str(away))
            self._stop.wait(_RETRY_SECONDS)
        # what waits, and where a partition stopped, is written when partitions are assigned anew
        self._rejoin("the client cannot read on")

    def _take(self, partition: TopicPartition, records: list[Any]) -> bool:
        """Counts records; false when the rest of the poll is void, since all positions are set anew."""
        number = partition.partition
        position = self._intake.positions.get(number)
        if position is None:
            return True
        if self._starts.is_gap(number, position, records[0].offset):
            with self._as_assigned():
                self._consumer.seek(partition, position)
            return True  # this partition is read again; what came of the others is not, and counts
        self.health.read(number, records)
        parts = list(together(records))
        if others := [record for part in parts if not part.plain for record in part.records]:
            self._retrying(lambda: self._intake.prepare(number, others))
        for part in parts:
            self._intake.take(number, part.records, self._arrivals(part.records), plain=part.plain)
            if self._is_full() and not self._make_room():
                return False
        self._starts.passed(number)
        if reason := self._intake.stopped.get(number):
            with self._as_assigned():
                self._consumer.pause(partition)
            get_logger().error("partition stopped", partition=number, reason=reason)
        return True

    def _arrivals(self, records: Iterable[Any]) -> list[int]:
        """When each reached the broker; where the broker does not say, now."""
        now = self._now_us()
        return [
            each.timestamp * 1000 if each.timestamp_type == _LOG_APPEND_TIME and each.timestamp > 0 else now
            for each in records
        ]

    def _is_full(self) -> bool:
        intake, plan = self._intake, self._plan
        much = intake.events >= plan.flush_events or intake.waiting_bytes >= plan.waiting_bytes
        return much or intake.full

    def _make_room(self) -> bool:
        """Writes; as long as that cannot be, nothing more is read. False when everything was thrown away."""
        while self._flush():
            if not self._is_full():
                return True
            if self._stop.is_set():
                raise _StopAsked("memory is full")
            self._wait_in_the_group()
        return False

    def _flush(self) -> bool:
        """Writes everything that waits; false when it was thrown away. What waits stays while the broker is away."""
        with self.health.calling():
            same = self._topic.is_still(self._intake.topic_id) if self._intake.positions else None
        if same is False:
            get_logger().warning("the topic was made again; it is read from its beginning")
            # a member that saw its topic go is now and then left out of the group without being told
            self._rejoin("the topic was made again")
            return self._throw_away()
        if same is None or not self._intake.touched:
            return True
        flush = self._intake.drain()
        started = time.monotonic()
        try:
            rows = self._write(flush)
        except Fenced as fence:
            get_logger().warning("fenced", reason=str(fence))
            worker_metrics.FENCED.inc()
            return self._throw_away()
        self._intake.written()
        worker_metrics.flushed(flush, rows, time.monotonic() - started)
        self.health.progress.written(flush.deltas.events)
        self._commit_for_monitoring(flush)
        return True

    def _throw_away(self) -> bool:
        self._intake.begin("", {})
        self._listener.changed = True
        return False

    def _write(self, flush: Flush) -> int:
        while True:
            try:
                return flushing.commit(self._database, flush, self._plan.name)
            except Fenced:
                raise
            except Exception as error:
                if not flushing.passes(error):
                    raise
                get_logger().warning("a flush failed; asking what became of it", detail=str(error))
            worker_metrics.FLUSH_FAILURES.inc()
            outcome = self._retrying(lambda: flushing.found(self._database, flush))
            if outcome == "written":
                return 0
            if outcome == "overtaken":
                raise Fenced("offsets moved while the outcome of a flush was unknown")
            self._wait_in_the_group()

    def _retrying(self, work: Callable[[], Result]) -> Result:
        while True:
            try:
                return work()
            except Exception as error:
                if not (flushing.passes(error) or isinstance(error, KafkaError)):
                    raise
                if self._stop.is_set():
                    raise _StopAsked(str(error)) from error
                get_logger().warning("waiting for a part that is away", detail=str(error))
            self._wait_in_the_group()

    def _wait_in_the_group(self) -> None:
        """Stays a member, without fetching, for a moment."""
        assigned = self._consumer.assignment()
        with self._as_assigned():
            self._consumer.pause(*assigned)
        started = time.monotonic()
        while time.monotonic() < started + _RETRY_SECONDS and not self._stop.wait(0.05):
            self._poll()
        worker_metrics.PAUSED_SECONDS.inc(time.monotonic() - started)
        if not self._listener.changed:
            with self._as_assigned():
                self._consumer.resume(*(p for p in assigned if p.partition not in self._intake.stopped))

    @contextmanager
    def _as_assigned(self) -> Iterator[None]:
        """Around what is done to partitions: the I/O thread may have taken one away in the meantime."""
        try:
            yield
        except (ValueError, KeyError):
            self._listener.changed = True

    def _adopt(self) -> None:
        """After a change of the assignment: write, then start where the database says."""
        self._flush()
        self._listener.changed = False
        assigned = self._consumer.assignment()
        topic_id = self._retrying(self.health.calling()(self._topic.id))
        if topic_id is None or not assigned:
            self._intake.begin("", {})
            self._listener.changed = bool(assigned)  # the topic will come
            self._stop.wait(_RETRY_SECONDS if assigned else 0)
            return
        first_there = self._retrying(self.health.calling()(lambda: beginnings(self._consumer, assigned)))
        places = self._retrying(lambda: self._places(topic_id, first_there))
        self._intake.begin(topic_id, places)
        with self._as_assigned():
            for partition in assigned:
                number = partition.partition
                self._consumer.seek(partition, self._starts.of(places[number], number, first_there[number]))
            self._consumer.resume(*(p for p in assigned if p.partition not in self._intake.stopped))
        get_logger().info("partitions", mine=sorted(places), stopped=self._intake.stopped)

    def _places(self, topic_id: str, first_there: Mapping[int, int]) -> dict[int, Place]:
        with self._database.transaction() as uow:
            places = offsets.places(uow.connection, topic_id, first_there)
            uow.commit()
        return places

    def _look_for_released_partitions(self) -> None:
        stopped = self._intake.stopped
        if stopped and stopped.keys() - self._retrying(self._still_stopped).keys():
            self._listener.changed = True

    def _still_stopped(self) -> dict[int, str]:
        with self._database.read() as connection:
            return offsets.stopped(connection, self._intake.topic_id)

    def _load_windows(self, topic_id: str, partition: int, producers: list[str]) -> Mapping[str, SequenceWindow]:
        with self._database.read() as connection:
            return offsets.windows(connection, topic_id, partition, producers)

    def _commit_for_monitoring(self, flush: Flush) -> None:
        """Tells Kafka how far the group is, for tools that ask there. Nothing starts from it."""
        ends = {TopicPartition(self._plan.topic, m.partition): OffsetAndMetadata(m.end, "", -1) for m in flush.moves}
        try:
            self._consumer.commit_async(ends, callback=lambda *_: None)
        except KafkaError as error:
            get_logger().debug("offsets for monitoring were not taken", detail=str(error))


class _StopAsked(Exception):  # noqa: N818  # it is no fault
    """The process is to end while a part that is needed is away."""
