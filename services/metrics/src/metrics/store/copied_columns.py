"""COPY from columns: rows in PostgreSQL's binary form, made by NumPy instead of value by value.
https://www.postgresql.org/docs/current/sql-copy.html (File Formats, Binary Format)"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from metrics.store.bulk_rows import driver

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_ROWS_AT_ONCE = 50_000  # a few megabytes, while all rows of a flush would be a hundred, three times
_FIRST_DATE = 10_957  # 2000-01-01, counted from 1970-01-01

Column = NDArray[Any]


def uuids(texts: Sequence[str]) -> Column:
    """UUIDs, for a column of `uuid`."""
    return np.frombuffer(b"".join(bytes.fromhex(text.replace("-", "")) for text in texts), "V16")


def dates(days: NDArray[np.int64]) -> Column:
    """Days since 1970-01-01, for a column of `date`."""
    return (days - _FIRST_DATE).astype(np.int32)


def copy_columns(
    connection: Connection, table: str, columns: Mapping[str, Column], last: tuple[str, Sequence[bytes]] | None = None
) -> None:
    """Adds rows to a table.

    Args:
        connection: of SQLAlchemy with psycopg.
        table: its name.
        columns: by their names; int64 for bigint, int32 for integer, `uuids`, `dates`.
        last: one more column, of bytea or text, as bytes.
    """
    names = [*columns, *([last[0]] if last else [])]
    with driver(connection).cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(_SIGNATURE)
        for start in range(0, len(next(iter(columns.values()))), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            copy.write(_rows({name: column[part] for name, column in columns.items()}, last[1][part] if last else None))
        copy.write(_TRAILER)


def _rows(columns: Mapping[str, Column], last: Sequence[bytes] | None) -> bytes:
    """A row is its number of fields, then each field behind its length; all of it big-endian."""
    form: list[tuple[str, Any]] = [("fields", ">i2")]
    for name, column in columns.items():
        form += [(f"{name} length", ">i4"), (name, column.dtype.newbyteorder(">"))]
    if last is not None:
        form.append(("last length", ">i4"))
    rows = np.empty(len(next(iter(columns.values()))), form)
    rows["fields"] = len(columns) + (last is not None)
    for name, column in columns.items():
        rows[f"{name} length"] = column.dtype.itemsize
        rows[name] = column
    if last is None:
        return rows.tobytes()
    rows["last length"] = [len(value) for value in last]
    fixed, width = rows.tobytes(), rows.dtype.itemsize
    starts = (fixed[start : start + width] for start in range(0, len(fixed), width))
    return b"".join(chain.from_iterable(zip(starts, last, strict=True)))
