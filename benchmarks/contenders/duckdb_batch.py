"""DuckDB, all events at once from a Parquet file, as a nightly batch. One thread."""

import duckdb

from benchmarks.contenders.job import Job
from benchmarks.contenders.sql_rollups import CALLS, lines

_CALLS = ", ".join(f"count(*) FILTER ({condition}) AS {name}" for name, condition in CALLS.items())
_ROLLUPS = {
    "server": f"SELECT server, day, {_CALLS} FROM usage GROUP BY ALL",
    "product": f"SELECT server, day, product, {_CALLS} FROM usage WHERE kind = 1 GROUP BY ALL",
    "tool": f"SELECT server, day, tool, {_CALLS} FROM usage WHERE kind = 1 GROUP BY ALL",
    "error_type": """
        SELECT server, day, error_type, count(*) FROM usage WHERE kind = 1 AND outcome IN (2, 3) GROUP BY ALL
    """,
    "durations": """
        SELECT server, day, product, CASE WHEN duration_us > 0 THEN ceil(log2(duration_us) * 64)::int END, count(*)
        FROM usage WHERE kind = 1 GROUP BY ALL
    """,
    "accounts": """
        SELECT server, account, day, bit_or(CASE kind WHEN 1 THEN 3 WHEN 2 THEN 2 ELSE 4 END) FROM usage GROUP BY ALL
    """,
}


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    connection = duckdb.connect(config={"threads": 1})
    with job.measured():
        connection.execute(
            f"CREATE TABLE usage AS SELECT *, time // 86400000000 AS day FROM '{job.parquet}' WHERE NOT synthetic"
        )
        for name, select in _ROLLUPS.items():
            connection.execute(f"CREATE TABLE {name}_rollup AS {select}")
    rows = {name: connection.execute(f"SELECT * FROM {name}_rollup").fetchall() for name in _ROLLUPS}
    job.finish(lines(rows), guarantee="none: a batch, in memory")


if __name__ == "__main__":
    main()
