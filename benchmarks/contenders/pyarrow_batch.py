"""pyarrow's own grouping, all events at once from a Parquet file. One thread."""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.contenders.job import Job
from benchmarks.contenders.sql_rollups import CALLS, lines

_SERVER, _DAY_US = ["server", "day"], 86_400_000_000


def _flags(calls: pa.Table) -> dict[str, pa.ChunkedArray]:
    """For each measure, whether a row adds to it."""
    kind, outcome, status = calls["kind"], calls["outcome"], pc.divide(calls["http_status"], 100)
    call = pc.equal(kind, 1)
    conditions = [call]
    conditions += [pc.and_(call, pc.equal(outcome, number)) for number in (2, 3, 4)]
    conditions += [pc.and_(call, pc.equal(status, number)) for number in (4, 5)]
    conditions += [pc.equal(kind, 2), pc.equal(kind, 3)]
    return dict(zip(CALLS, conditions, strict=True))


def _sums(usage: pa.Table, names: list[str]) -> pa.Table:
    keys = _SERVER + names
    return (
        usage.group_by(keys, use_threads=False)
        .aggregate([(measure, "sum") for measure in CALLS])
        .select(keys + [f"{measure}_sum" for measure in CALLS])
    )


def _counted(usage: pa.Table, keys: list[str]) -> pa.Table:
    return usage.group_by(keys, use_threads=False).aggregate([([], "count_all")]).select([*keys, "count_all"])


def _rollups(job: Job) -> dict[str, pa.Table]:
    usage = pq.read_table(job.parquet, use_threads=False, read_dictionary=["server", "product", "tool", "error_type"])
    usage = usage.filter(pc.invert(usage["synthetic"])).unify_dictionaries()
    usage = usage.append_column("day", pc.divide(usage["time"], _DAY_US))
    for name, flags in _flags(usage).items():
        usage = usage.append_column(name, flags)
    calls = usage.filter(usage["calls"])
    microseconds = calls["duration_us"].cast(pa.float64())
    bucket = pc.ceil(pc.multiply(pc.log2(microseconds), 64.0))
    calls = calls.append_column("bucket", pc.if_else(pc.equal(microseconds, 0.0), None, bucket).cast(pa.int32()))
    errors = calls.filter(pc.or_(calls["tool_errors"], calls["request_errors"]))
    return {
        "server": _sums(usage, []),
        "product": _sums(calls, ["product"]),
        "tool": _sums(calls, ["tool"]),
        "error_type": _counted(errors, [*_SERVER, "error_type"]),
        "durations": _counted(calls, [*_SERVER, "product", "bucket"]),
        "accounts": _counted(usage, ["server", "account", "day", "kind"]),
    }


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    pa.set_cpu_count(1)
    with job.measured():
        tables = _rollups(job)
    rows = {name: list(zip(*(c.to_pylist() for c in table.columns), strict=True)) for name, table in tables.items()}
    did: dict[tuple, int] = {}
    for server, account, day, kind, _ in rows["accounts"]:
        did[server, account, day] = did.get((server, account, day), 0) | {1: 3, 2: 2, 3: 4}[kind]
    rows["accounts"] = [(*key, flags) for key, flags in did.items()]
    job.finish(lines(rows), guarantee="none: a batch, in memory")


if __name__ == "__main__":
    main()
