"""Whether a worker gets on: what it says to probes, and when only a new process helps."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from chassis.kafka.connection import Bootstrap
from chassis.logs import get_logger
from chassis.process import Stop
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from metrics.consumers import worker_metrics
from metrics.consumers.partition_watch import PartitionWatch, Reading
from metrics.consumers.unreadable_batches import arrived_us
from metrics.consumers.usage_intake import UsageIntake
from metrics.consumers.usage_partitions import UsageTopic

_LOOKS_OF_PATIENCE = 6
_ANSWER_MS = 1_000
_SECONDS_BETWEEN_ROUNDS = 5.0
_ROUNDS_IN_ONE_CALL = 12


class Stalled(Exception):  # noqa: N818  # a fact about the client, seen from outside
    """The client reads nothing although there is something. The process ends, and its supervisor starts another: that
    makes everything anew, threads and connections too, on the one path that is tried every day."""


class WorkerHealth:
    """Looks at the worker's partitions now and then. All but `parts` and `watch` belong to the poll loop's thread."""

    def __init__(self, patience: float, now_us: Callable[[], int], bootstrap: Bootstrap = "") -> None:
        self._watch, self._now_us = PartitionWatch(patience), now_us
        self._every = patience / _LOOKS_OF_PATIENCE
        self._looked_at = self._next_look = time.monotonic()
        self._kafka_answers = False
        self._arrived_us: dict[int, int] = {}
        self._bootstrap = bootstrap
        # of stopped partitions and the places where they stopped: when what stands there arrived
        self._waits_since_us: dict[tuple[int, int], int] = {}
        self._calls = 0
        self._is_calling = False
        self.progress = worker_metrics.Progress()

    def parts(self) -> dict[str, bool]:
        """For /readyz: whether Kafka answers, and no partition stands still."""
        return {"kafka": self._kafka_answers, "moving": not self._watch.standing}

    def watch(self, stop: Stop) -> None:
        """A loop for `process.run` beside the worker's. Raises Stalled when a call to Kafka's client does not return
        for a minute: its time limits do not hold where its own thread stands still.

        Rounds are counted, not seconds: a process that was suspended comes back to a call that is long over.
        """
        call, rounds = -1, 0
        while not stop.wait(_SECONDS_BETWEEN_ROUNDS):
            rounds = rounds + 1 if self._is_calling and self._calls == call else 0
            call = self._calls
            if rounds >= _ROUNDS_IN_ONE_CALL:
                raise Stalled("a call to Kafka's client does not return")

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Around each call to Kafka's client that may last."""
        self._calls += 1
        self._is_calling = True
        try:
            yield
        finally:
            self._is_calling = False

    def read(self, partition: int, records: Sequence[Any]) -> None:
        """Records came."""
        self.progress.read(len(records))
        worker_metrics.READ_RECORDS.inc(len(records))
        worker_metrics.READ_BYTES.inc(sum([len(record.value or b"") for record in records]))
        self._arrived_us[partition] = records[-1].timestamp * 1000

    def look(self, consumer: KafkaConsumer, intake: UsageIntake, topic: UsageTopic) -> list[int]:
        """Now and then: how far behind the partitions are. Returns those that stalled."""
        now = time.monotonic()
        if now < self._next_look:
            return []
        seconds = min(now - self._looked_at, self._every)
        readings = self._readings(consumer, intake)
        # nothing was asked for a worker without partitions
        self._kafka_answers = bool(readings) or (readings is not None and topic.is_still("") is not None)
        self._looked_at = time.monotonic()
        # a leader that is away must not take a second of each few from the other partitions
        self._next_look = self._looked_at + self._every * (1 if self._kafka_answers else 2)
        worker_metrics.WAITING_EVENTS.set(intake.events)
        worker_metrics.WAITING_BYTES.set(intake.waiting_bytes)
        self._watch.look(readings or {}, self._now_us(), seconds)
        if readings is not None:
            worker_metrics.lags(self._watch.lags, self._watch.ages, intake.stopped)
            self.progress.tell(sum(lag for number, lag in self._watch.lags.items() if number not in intake.stopped))
        if stalled := self._watch.stalled:
            get_logger().error("partitions stand still", partitions=stalled, lag=self._watch.lags)
        return stalled

    def _readings(self, consumer: KafkaConsumer, intake: UsageIntake) -> dict[int, Reading] | None:
        """None where the broker does not say. Ends are those of committed transactions, as the worker reads them."""
        mine = [each for each in consumer.assignment() if each.partition in intake.positions]
        still = {each.partition for each in consumer.paused()} | intake.stopped.keys()
        try:
            ends = consumer.end_offsets(mine, timeout_ms=_ANSWER_MS) if mine else {}
            # the client's position: unlike the intake's it is beyond the markers that end transactions
            positions = {each: consumer.position(each, timeout_ms=_ANSWER_MS) for each in mine}
        except (KafkaError, KeyError):
            return None  # also where a partition was just taken away
        readings = {
            each.partition: Reading(
                positions[each], ends[each], self._arrived_us.get(each.partition, 0), each.partition not in still
            )
            for each in mine
            if positions[each] is not None
        }
        # the client's position is beyond what came in the same fetch and was left
        return readings | self._of_stopped(
            {each: ends[each] for each in mine if each.partition in intake.stopped}, intake
        )

    def _of_stopped(self, ends: Mapping[TopicPartition, int], intake: UsageIntake) -> dict[int, Reading]:
        places = {each: (each.partition, intake.positions[each.partition]) for each in ends}
        known = {place: since for place, since in self._waits_since_us.items() if place in places.values()}
        unknown = [each for each, place in places.items() if place not in known and place[1] < ends[each]]
        for each in unknown[:1]:  # a look must not last: each question has a client of its own
            try:
                known[places[each]] = arrived_us(self._bootstrap, each, places[each][1])
            except KafkaError as error:
                get_logger().debug("since when a partition waits is not known", detail=str(error))
        self._waits_since_us = known
        return {
            number: Reading(position, ends[each], may_move=False, first_unread_us=known.get((number, position), 0))
            for each, (number, position) in places.items()
        }
