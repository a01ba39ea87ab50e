"""The true result of the work of `benchmarks.ingest`, found without any code of the service: by brute force over the
single events, and, since that takes a minute for ten million, by Arrow's own grouping, which brute force checks."""

import math
from collections import Counter
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.totals import ACTIVE, CALLED, REMOVED, Accounts, Counts, Durations, lines_of
from benchmarks.traffic import DAY_US, Event

_CALL, _MESSAGE, _REMOVAL = 1, 2, 3
_OUTCOMES = {2: "tool_errors", 3: "request_errors", 4: "auth_rejected"}
_FLAGS = {_CALL: CALLED | ACTIVE, _MESSAGE: ACTIVE, _REMOVAL: REMOVED}


def brute_force(events: Iterable[Event]) -> list[str]:
    """One event after the other."""
    counts: Counter[tuple[str | int, ...]] = Counter()
    durations: Counter[tuple[str, int, str, int | None]] = Counter()
    accounts: dict[tuple[str, int, int], int] = {}
    for event in events:
        if event.synthetic:
            continue
        server, day = event.server_id, event.time_us // DAY_US
        who = server, event.account, day
        accounts[who] = accounts.get(who, 0) | _FLAGS[event.kind]
        if event.kind == _MESSAGE:
            counts["server", server, day, "messages"] += 1
        elif event.kind == _REMOVAL:
            counts["server", server, day, "removals"] += 1
        else:
            _count_call(counts, event, server, day)
            bucket = math.ceil(math.log2(event.duration_us) * 64) if event.duration_us else None
            durations[server, day, event.product, bucket] += 1
    return lines_of(
        counts, ((*key, calls) for key, calls in durations.items()), ((*who, did) for who, did in accounts.items())
    )


def _count_call(counts: Counter[tuple[str | int, ...]], event: Event, server: str, day: int) -> None:
    outcome = _OUTCOMES.get(event.outcome)
    for measure in ("calls", outcome):
        if measure:
            counts["server", server, day, measure] += 1
        if measure and measure != "auth_rejected":
            counts["product", server, day, event.product, measure] += 1
            counts["tool", server, day, event.tool, measure] += 1
    if outcome in ("tool_errors", "request_errors"):
        counts["error_type", server, day, event.error_type] += 1
    if event.http_status // 100 in (4, 5):
        counts["server", server, day, f"http_{event.http_status // 100}xx"] += 1


def grouped(table: pa.Table) -> list[str]:
    """All events at once; columns as in docs/usage-events.md, names as plain text or dictionaries."""
    table = table.filter(pc.invert(table["synthetic"]))
    table = table.append_column("day", pc.divide(table["time"], DAY_US))
    return lines_of(_grouped_counts(table), _grouped_durations(table), _grouped_accounts(table))


def _grouped_counts(table: pa.Table) -> Counts:
    counts: dict[tuple[str | int, ...], int] = {}
    calls = table.filter(pc.equal(table["kind"], _CALL))
    error = calls.filter(pc.is_in(calls["outcome"], pa.array([2, 3], pa.uint8())))
    for kind, measure in ((_CALL, "calls"), (_MESSAGE, "messages"), (_REMOVAL, "removals")):
        _take(counts, table.filter(pc.equal(table["kind"], kind)), "server", (), (measure,))
    for outcome, measure in _OUTCOMES.items():
        failed = calls.filter(pc.equal(calls["outcome"], outcome))
        _take(counts, failed, "server", (), (measure,))
        if measure != "auth_rejected":
            _take(counts, failed, "product", ("product",), (measure,))
            _take(counts, failed, "tool", ("tool",), (measure,))
    _take(counts, calls, "product", ("product",), ("calls",))
    _take(counts, calls, "tool", ("tool",), ("calls",))
    _take(counts, error, "error_type", ("error_type",), ())
    for http_class in (4, 5):
        low, high = pa.scalar(http_class * 100, pa.uint16()), pa.scalar(http_class * 100 + 99, pa.uint16())
        within = pc.and_(pc.greater_equal(calls["http_status"], low), pc.less_equal(calls["http_status"], high))
        _take(counts, calls.filter(within), "server", (), (f"http_{http_class}xx",))
    return counts


def _take(
    into: dict[tuple[str | int, ...], int], table: pa.Table, what: str, names: tuple[str, ...], last: tuple[str, ...]
) -> None:
    for *key, count in _groups(table, ("server", "day", *names)):
        into[(what, *key, *last)] = count


def _groups(table: pa.Table, columns: tuple[str, ...]) -> Iterable[tuple[str | int, ...]]:
    counted = table.group_by(list(columns)).aggregate([([], "count_all")])
    return zip(*(counted[name].to_pylist() for name in (*columns, "count_all")), strict=True)


def _grouped_durations(table: pa.Table) -> Durations:
    calls = table.filter(pc.equal(table["kind"], _CALL))
    duration = calls["duration_us"].cast(pa.float64())
    bucket = pc.ceil(pc.multiply(pc.log2(duration), 64.0))
    bucket = pc.if_else(pc.equal(duration, 0.0), None, bucket).cast(pa.int64())
    return _groups(calls.append_column("bucket", bucket), ("server", "day", "product", "bucket"))


def _grouped_accounts(table: pa.Table) -> Accounts:
    flags: dict[tuple[str, int, int], int] = {}
    for server, account, day, kind, _ in _groups(table, ("server", "account", "day", "kind")):
        who = server, account, day
        flags[who] = flags.get(who, 0) | _FLAGS[kind]
    return ((*who, did) for who, did in flags.items())
