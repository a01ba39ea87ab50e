"""What a round sends, and what each record means: events, or poison."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from services.metrics.tests.oracle import fate
from services.metrics.tests.records import batch, batch_by_hand, single
from services.metrics.tests.traffic import Shape, Traffic

from .usage_topic import PARTITIONS, Found, Sent

Event = dict[str, Any]
_SIZES = (1, 4, 15, 40, 90)
_FLOOD = 104


@dataclass(frozen=True)
class Meaning:
    """What a record adds: its events, or why it is a dead letter."""

    events: Sequence[Event] = ()
    poison: str = ""


@dataclass
class Meanings:
    """What every record that was ever sent means. One that a collector wrote is known by producer and number."""

    _by_content: dict[bytes, Meaning] = field(default_factory=dict)
    _by_number: dict[tuple[bytes, bytes], Meaning] = field(default_factory=dict)

    def learn(self, record: Sent, meaning: Meaning) -> Sent:
        """Remembers a record that goes to the broker as it is."""
        self._by_content[_digest(record)] = meaning
        return record

    def learn_report(self, producer: str, sequence: int, events: Sequence[Event]) -> None:
        """Remembers what a collector is asked to write."""
        self._by_number[producer.encode(), str(sequence).encode()] = Meaning(events)

    def of(self, record: Found) -> Meaning | None:
        """None for a record that nobody sent."""
        return self._by_content.get(_digest(record)) or self._by_number.get(number_of(record.headers))


def number_of(headers: Sequence[tuple[str, bytes]]) -> tuple[bytes, bytes]:
    """Producer id and sequence; empty where there is none."""
    found = dict(headers)
    return found.get("producer-id", b""), found.get("sequence", b"")


def _digest(record: Sent | Found) -> bytes:
    return hashlib.sha256(repr(record.headers).encode() + record.value).digest()


class RoundTraffic:
    """Records of one round, in bursts; everything comes from the seed but the time."""

    def __init__(self, seed: int, meanings: Meanings, now: datetime, *, poison: int, flood: bool) -> None:
        self._chance = random.Random(seed)
        self._meanings = meanings
        self.source = Traffic(Shape(seed, 5, 2), now)
        self._name, self._numbers = f"proxy-{seed}-{now:%H%M%S%f}", dict.fromkeys(range(PARTITIONS), 0)
        self._poison, self._flood = poison, flood
        self.days_apart = False
        self.shared: Sequence[int] = ()

    def bursts(self, count: int) -> list[list[Sent]]:
        """All records: good ones of every form, duplicates near and far, poison, and a flood."""
        events = self.source.first() + self.source.late()
        records: list[Sent] = []
        while events:
            size = self._chance.choice(_SIZES)
            records += self._good(events[:size])
            events = events[size:]
        for place in sorted(self._chance.sample(range(len(records)), min(12, len(records)))):
            # at most so far away that its producer's window still reaches it
            records.insert(min(len(records), place + self._chance.randrange(1, 40)), records[place])
        for _ in range(self._poison):
            records.insert(self._chance.randrange(len(records)), self._broken())
        parts = [records[n * len(records) // count : (n + 1) * len(records) // count] for n in range(count)]
        if self._flood:
            flooded = self._chance.randrange(PARTITIONS)
            junk = self._meanings.learn(_junk(flooded, b"flood"), Meaning(poison="unknown_content_type"))
            parts[self._chance.randrange(count)] += [junk] * _FLOOD
        return parts

    def some(self) -> list[Sent]:
        """A batch for each partition: every server, today and yesterday.

        Where days are `apart`, one worker has those of today, the other those of yesterday: they share the accounts
        `shared`, and no day of a server.
        """
        made = [self._broken()] if self._poison else []
        for partition in range(PARTITIONS):
            ages = (int(partition < PARTITIONS // 2),) if self.days_apart else (0, 1)
            events = [
                self.source.event(server, age, kind=1, account=account, synthetic=False)
                for server in self.source.servers
                for age in ages
                for account in (*self.shared, self._chance.getrandbits(64))
            ]
            self._chance.shuffle(events)
            made += self._batch(events, partition)
        return made

    def report(self, number: int) -> tuple[str, int, list[Event]]:
        """Events to hand to a collector, with a producer and a number; all of them count."""
        made = [self.source.event(self._chance.choice(self.source.servers), 1 + number % 20) for _ in range(20)]
        events = [event for event in made if fate(event) == "counted"]
        self._meanings.learn_report(f"{self._name}-reports", number, events)
        return f"{self._name}-reports", number, events

    def _good(self, events: list[Event]) -> list[Sent]:
        if self._chance.random() < 0.15:
            partition = self._chance.randrange(PARTITIONS)
            return [self._sent(partition, *single(event), events=[event]) for event in events]
        return self._batch(events, self._chance.randrange(PARTITIONS))

    def _batch(self, events: list[Event], partition: int) -> list[Sent]:
        self._numbers[partition] += 1
        form = batch if self._chance.random() < 0.5 else batch_by_hand
        return [
            self._sent(partition, *form(events, f"{self._name}-{partition}", self._numbers[partition]), events=events)
        ]

    def _sent(self, partition: int, value: bytes, headers: list[tuple[str, bytes]], *, events: list[Event]) -> Sent:
        return self._meanings.learn(Sent(partition, value, tuple(headers)), Meaning(events))

    def _broken(self) -> Sent:
        partition = self._chance.randrange(PARTITIONS)
        good, headers = batch([self.source.event(self.source.servers[0], 1) for _ in range(9)])
        arrow = tuple(headers)
        kinds = [
            ("arrow_unreadable", good[: len(good) - 8 - self._chance.randrange(17, 60)], arrow),
            ("arrow_unreadable", b"\xff\xff\xff\xff\x10\x00\x00\x00" + self._chance.randbytes(40), arrow),
            ("record_too_large", _BOMB, arrow),
            ("column_type", _wrong_type(), arrow),
            ("unknown_content_type", self._chance.randbytes(9), (("content-type", b"application/json"),)),
            ("bad_headers", good, (*arrow, ("producer-id", b"p"), ("sequence", b"first"))),
            ("empty", b"", arrow),
        ]
        reason, value, kept = self._chance.choice(kinds)
        return self._meanings.learn(Sent(partition, value, kept), Meaning(poison=reason))


def _junk(partition: int, value: bytes) -> Sent:
    return Sent(partition, value, (("content-type", b"text/plain"),))


def _stream(batch_of_rows: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, batch_of_rows.schema, options=options) as writer:
        writer.write_batch(batch_of_rows)
    return bytes(sink.getvalue())


def _bomb() -> bytes:
    return _stream(pa.record_batch([pa.array(np.zeros(80_000_000, np.uint8))], names=["kind"]))


def _wrong_type() -> bytes:
    value, _ = batch([])
    with pa.ipc.open_stream(value) as reader:
        names = reader.schema.names
    return _stream(pa.record_batch([pa.array(["x"]) for _ in names], names=names))


_BOMB = _bomb()
