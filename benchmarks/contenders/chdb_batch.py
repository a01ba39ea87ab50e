"""ClickHouse in this process (chdb), all events at once from a Parquet file, as a nightly batch. One thread."""

from chdb.session import Session

from benchmarks.contenders.job import Job
from benchmarks.contenders.sql_rollups import CALLS, lines

_CALLS = ", ".join(f"countIf({condition}) AS {name}" for name, condition in CALLS.items())
_ROLLUPS = {
    "server": f"SELECT server, day, {_CALLS} FROM usage GROUP BY server, day",
    "product": f"SELECT server, day, product, {_CALLS} FROM usage WHERE kind = 1 GROUP BY server, day, product",
    "tool": f"SELECT server, day, tool, {_CALLS} FROM usage WHERE kind = 1 GROUP BY server, day, tool",
    "error_type": """
        SELECT server, day, error_type, count() AS calls FROM usage WHERE kind = 1 AND outcome IN (2, 3)
        GROUP BY server, day, error_type
    """,
    "durations": """
        SELECT server, day, product, if(duration_us > 0, toInt32(ceil(log2(duration_us) * 64)), NULL) AS bucket,
            count() AS calls
        FROM usage WHERE kind = 1 GROUP BY server, day, product, bucket
    """,
    "accounts": """
        SELECT server, account, day, groupBitOr(transform(kind, [1, 2, 3], [3, 2, 4], 0)) AS did
        FROM usage GROUP BY server, account, day
    """,
}


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    session = Session()
    session.query("CREATE DATABASE rollups")
    session.query("USE rollups")
    with job.measured():
        session.query("SET max_threads = 1, max_insert_threads = 1")
        session.query(
            "CREATE TABLE usage ENGINE = Memory AS SELECT * EXCEPT synthetic, intDiv(time, 86400000000) AS day"
            f" FROM file('{job.parquet}') WHERE NOT synthetic"
        )
        for name, select in _ROLLUPS.items():
            session.query(f"CREATE TABLE {name}_rollup ENGINE = Memory AS {select}")
    rows = {}
    for name in _ROLLUPS:
        table = session.query(f"SELECT * FROM {name}_rollup", "ArrowTable")
        columns = [column.cast("string") if str(column.type) == "binary" else column for column in table.columns]
        rows[name] = list(zip(*(column.to_pylist() for column in columns), strict=True))
    job.finish(lines(rows), guarantee="none: a batch, in memory")


if __name__ == "__main__":
    main()
