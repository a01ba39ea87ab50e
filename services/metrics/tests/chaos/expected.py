"""What the database must say, computed from what the topics hold: records in, figures out, by brute force."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.metrics.tests.oracle import (
    AUTH_REJECTED,
    CALL,
    MESSAGE,
    REMOVED,
    REQUEST_ERROR,
    TOOL_ERROR,
    day_of,
    error_type,
    fate,
    label,
)

from .round_traffic import Event, Meaning, Meanings, number_of
from .usage_topic import PARTITIONS, Found

_MOST_IN_A_ROW = 100
_REACH = 62  # how far below its producer's highest number a record is still known

Figures = Counter[tuple[object, ...]]


@dataclass
class _Partition:
    records: list[Found] = field(default_factory=list)
    counted: int = 0
    in_a_row: int = 0
    seen: set[tuple[bytes, bytes]] = field(default_factory=set)
    highest: Counter[bytes] = field(default_factory=Counter)
    resumed: set[int] = field(default_factory=set)


class TopicExpected:
    """One life of the topic."""

    def __init__(self, topic_id: str, meanings: Meanings, figures: Figures) -> None:
        self.topic_id = topic_id
        self._meanings, self._figures = meanings, figures
        self._partitions = [_Partition() for _ in range(PARTITIONS)]
        self.faults: list[str] = []
        self.events: list[Event] = []

    @property
    def ends(self) -> dict[int, int]:
        """Up to where the content is known."""
        return {number: len(partition.records) for number, partition in enumerate(self._partitions)}

    def extend(self, found: Mapping[int, Sequence[Found]]) -> None:
        """Takes what was read from the topic, or acknowledged."""
        for number, records in found.items():
            for record in records:
                if record.offset != len(self._partitions[number].records):
                    self.faults.append(f"broker: partition {number} goes on at {record.offset}")
                self._partitions[number].records.append(record)

    def has(self, number: int, offset: int, value: bytes) -> bool:
        """Whether an acknowledged record is where it was acknowledged."""
        records = self._partitions[number].records
        return offset < len(records) and records[offset].value == value

    def resume(self, number: int, offset: int) -> None:
        """An operator let a stopped partition go on."""
        self._partitions[number].resumed.add(offset)

    def advance(self, offsets: Mapping[int, int]) -> None:
        """Counts everything up to the offsets that the database has."""
        for number, end in offsets.items():
            partition = self._partitions[number]
            if end < partition.counted:
                self.faults.append(f"offsets: partition {number} went back from {partition.counted} to {end}")
            if end > len(partition.records):
                self.faults.append(f"offsets: partition {number} is at {end} of {len(partition.records)}")
            for record in partition.records[partition.counted : end]:
                self._count(number, partition, record)
            partition.counted = max(end, partition.counted)

    def _count(self, number: int, partition: _Partition, record: Found) -> None:
        meaning, known_as = self._meanings.of(record), number_of(record.headers)
        numbered = bool(known_as[0])
        if meaning is None:
            self.faults.append(f"broker: nobody sent the record {number}/{record.offset}")
            return
        self._enter(number, "records", 1)
        if numbered and known_as in partition.seen:
            # one out of the window that was never counted is expected as counted: it would be lost
            producer, sequence = known_as
            is_known = int(sequence) >= partition.highest[producer] - _REACH
            self._enter(number, "records_duplicate" if is_known else "records_out_of_window", 1)
            partition.in_a_row = 0
        elif meaning.poison:
            self._dead(number, partition, record, meaning)
        else:
            self._enter(number, "records_counted", 1)
            partition.in_a_row = 0
            for event in meaning.events:
                self._event(number, event | {"arrived_us": record.arrived_us})
            if numbered:
                producer, sequence = known_as
                partition.seen.add(known_as)
                partition.highest[producer] = max(partition.highest[producer], int(sequence))

    def _dead(self, number: int, partition: _Partition, record: Found, meaning: Meaning) -> None:
        if record.offset in partition.resumed:
            partition.in_a_row = 0
        partition.in_a_row += 1
        if partition.in_a_row >= _MOST_IN_A_ROW:
            self.faults.append(f"flood: partition {number} went past {record.offset} without being resumed")
        self._enter(number, "records_dead", 1)
        self._figures["letter", self.topic_id, number, record.offset, meaning.poison] += 1

    def _event(self, number: int, event: Event) -> None:
        self._enter(number, "events", 1)
        what = fate(event)
        if what in ("counted", "synthetic"):
            self._enter(number, f"events_{what}", 1)
        else:
            self._enter(number, f"events_rejected_{what}", 1)
        if what == "counted":
            self.events.append(event)
            self._figures.update(figures_of(event))

    def _enter(self, number: int, entry: str, amount: int) -> None:
        self._figures["ledger", self.topic_id, number, entry] += amount


def figures_of(event: Event) -> list[tuple[object, ...]]:
    """Every count that an event raises by one. An account's day is a fact, not a count: see `facts`."""
    server, day, kind = event["server_id"].lower(), day_of(event).toordinal(), event["kind"]
    found: list[tuple[object, ...]] = []
    if kind != CALL:
        found.append(("server", server, day, "messages" if kind == MESSAGE else "removals"))
    else:
        outcome = {TOOL_ERROR: "tool_errors", REQUEST_ERROR: "request_errors"}.get(event["outcome"])
        measures = ["calls", *([outcome] if outcome else [])]
        other = ["auth_rejected"] if event["outcome"] == AUTH_REJECTED else []
        status = event["http_status"] // 100
        other += [f"http_{status}xx"] if status in (4, 5) else []
        found += [("server", server, day, measure) for measure in measures + other]
        found += [("product", server, day, label(event["product"]), measure) for measure in measures]
        found.append(("durations", server, day, label(event["product"]), bucket_of(event["duration_us"])))
        found += [("tool", server, day, label(event["tool"]), measure) for measure in measures]
        if outcome:
            found.append(("error_type", server, day, error_type(event), "calls"))
    if event["account"]:
        maps = ["removed"] if kind == REMOVED else ["active"] + ["called"] * (kind == CALL)
        found += [("account", server, event["account"], day, name) for name in maps]
    return found


def bucket_of(duration_us: int) -> int:
    """The number n of its bucket, in whole numbers: 0 for 0, else the least n with duration <= 2^((n - 1) / 64)."""
    return (duration_us**64 - 1).bit_length() + 1 if duration_us else 0


def facts(figures: Figures) -> Figures:
    """Counts without zeros; an account that did something on a day did it, however often."""
    return Counter({key: 1 if key[0] == "account" else count for key, count in figures.items() if count})
