"""The state of the pipeline for a terminal and for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from metrics.processes.pipeline import PartitionState, PipelineState, SnapshotState

_HEAD = ("partition", "owner", "last worker", "next offset", "lag", "oldest unread", "last flush", "events", "stopped")
_LEFT = frozenset(
    {"owner", "last worker", "stopped", "entry", "producer", "reason", "detail", "setting", "the topic's", "should be"}
)


def as_text(state: PipelineState, now: datetime) -> str:
    """One table of partitions with its sum, one of what became of everything, the snapshot, and settings of the topic
    that are not as they should be."""
    rows = [_row(each, now) for each in state.partitions]
    parts = [table(_HEAD, rows), _sums(state, now)]
    if state.entries:
        parts.append(table(("entry", "amount"), [(entry, f"{amount:,}") for entry, amount in state.entries.items()]))
    parts.append(_snapshot(state.snapshot, now) if state.snapshot else "no snapshot yet")
    if state.settings:
        lines = [(each.name, each.theirs, each.ours) for each in state.settings]
        parts.append(f"settings of {state.topic} that are not as they should be: see docs/operations.md, Topics")
        parts.append(table(("setting", "the topic's", "should be"), lines))
    elif state.settings is None:
        parts.append(f"the broker does not tell the settings of {state.topic}: DescribeConfigs is not allowed")
    return "\n\n".join(parts)


def as_json(state: PipelineState, now: datetime) -> str:
    """One object; times in ISO 8601, ages in seconds."""
    known = asdict(state)
    for entry, partition in zip(known["partitions"], state.partitions, strict=True):
        at = partition.oldest_unread_at
        entry["lag_seconds"] = round(max(0.0, (now - at).total_seconds()), 3) if at else None
    known["lag_records"] = sum(each.lag_records for each in state.partitions)
    return json.dumps(known, default=datetime.isoformat)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns of equal width; words to the left, numbers to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]

    def shown(line: Sequence[str]) -> str:
        cells = zip(line, widths, head, strict=True)
        return "  ".join(c.ljust(w) if name in _LEFT else c.rjust(w) for c, w, name in cells).rstrip()

    return "\n".join(map(shown, lines))


def ago(moment: datetime, now: datetime) -> str:
    """How long since, in the unit that fits."""
    return f"{duration((now - moment).total_seconds())} ago"


def duration(seconds: float) -> str:
    """Seconds, minutes, hours or days."""
    for unit, length in (("d", 172_800), ("h", 7_200), ("min", 120)):
        if seconds >= length:
            return f"{seconds / {'d': 86_400, 'h': 3_600, 'min': 60}[unit]:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def _row(each: PartitionState, now: datetime) -> tuple[str, ...]:
    return (
        str(each.partition),
        each.owner or "nobody",
        each.worker or "-",
        "-" if each.next_offset is None else f"{each.next_offset:,}",
        f"{each.lag_records:,}",
        ago(each.oldest_unread_at, now) if each.oldest_unread_at else "-",
        ago(each.flushed_at, now) if each.flushed_at else "never",
        f"{each.events:,}",
        each.stopped_reason or "",
    )


def _snapshot(shown: SnapshotState, now: datetime) -> str:
    lacks = ", incomplete: some of the day was not counted then" if shown.incomplete else ""
    computed = ago(shown.computed_at, now)
    return f"snapshot of {shown.as_of}, computed {computed}, {shown.servers:,} servers, {shown.policy}{lacks}"


def _sums(state: PipelineState, now: datetime) -> str:
    partitions = state.partitions
    workers = {each.owner for each in partitions if each.owner}
    lag = sum(each.lag_records for each in partitions)
    oldest = min((each.oldest_unread_at for each in partitions if each.oldest_unread_at), default=None)
    said = [
        f"{len(partitions)} partitions, {len(workers)} workers",
        f"{lag:,} records to read" + (f", the oldest from {ago(oldest, now)}" if oldest else ""),
    ]
    for words, amount in (
        ("without an owner", sum(1 for each in partitions if each.owner is None)),
        (
            "stopped: after a flood see `metrics dead-letters list`, then `metrics resume PARTITION`;"
            " where Kafka's client cannot read on, `metrics skip PARTITION`",
            _stopped(state),
        ),
        ("dead letters: `metrics dead-letters list`", state.dead_letters),
    ):
        if amount:
            said.append(f"{amount:,} {words}")
    return "\n".join(said)


def _stopped(state: PipelineState) -> int:
    return sum(1 for each in state.partitions if each.stopped_reason)
