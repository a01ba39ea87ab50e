"""Many rows at once: query results as columns, one array each, so that no number becomes a Python object; and COPY."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Buffer, Loader
from psycopg.pq import Format
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_oid = psycopg.adapters.types.get_oid  # of an array; by the name alone a loader would be that of its elements

# PostgreSQL's binary arrays of one dimension without NULLs: a header, then each element behind its length.
# https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/arrayfuncs.c (array_send)
_HEADER_BYTES = 20
_INTEGERS = np.dtype([("length", ">i4"), ("value", ">i8")])
_NUMBERS = np.dtype([("length", ">i4"), ("value", ">f8")])


def columns(connection: Connection, query: str, parameters: Mapping[str, object], names: Sequence[str]) -> Any:
    """Columns of the result of a query without NULLs: `bigint` and `double precision` as NumPy arrays, others as lists.

    Args:
        connection: of SQLAlchemy with psycopg.
        query: in psycopg's style, with `%(name)s`.
        parameters: of the query.
        names: the columns, in the order of the answer.
    """
    arrays = ", ".join(f"coalesce(array_agg({name}), '{{}}')" for name in names)
    with _errors_of_sqlalchemy(connection), driver(connection).cursor(binary=True) as cursor:
        cursor.adapters.register_loader(_oid("int8[]"), _Integers)
        cursor.adapters.register_loader(_oid("float8[]"), _Floats)
        # never prepared: a plan for any number of servers is a poor one for a thousand
        cursor.execute(f"SELECT {arrays} FROM ({query}) AS answer", parameters, prepare=False)  # noqa: S608  # ours
        return cursor.fetchone()


def copy_into(connection: Connection, table: str, kinds: Mapping[str, str], rows: Iterable[tuple[object, ...]]) -> None:
    """Adds rows to a table. `kinds` are the columns and their types, in the order of the rows."""
    statement = f"COPY {table} ({', '.join(kinds)}) FROM STDIN (FORMAT BINARY)"
    with _errors_of_sqlalchemy(connection), driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(kinds.values()))
        for row in rows:
            copy.write_row(row)


def driver(connection: Connection) -> Any:
    """Psycopg's connection beneath SQLAlchemy's, in the same transaction."""
    return connection.connection.driver_connection


@contextmanager
def _errors_of_sqlalchemy(connection: Connection) -> Iterator[None]:
    """By these `Database` knows what is worth repeating, and that a connection is lost."""
    try:
        yield
    except psycopg.Error as error:
        if lost := driver(connection).closed:
            connection.invalidate(error)
        raise DBAPIError.instance(
            "", None, error, psycopg.Error, hide_parameters=True, connection_invalidated=lost
        ) from error


class _Integers(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> NDArray[np.int64]:
        return _elements(data, _INTEGERS).astype(np.int64)


class _Floats(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> NDArray[np.float64]:
        return _elements(data, _NUMBERS).astype(np.float64)


def _elements(data: Buffer, kind: np.dtype[np.void]) -> NDArray[Any]:
    if len(data) <= _HEADER_BYTES:  # an empty array has no dimension, and a shorter header
        return np.empty(0, kind)["value"]
    return np.frombuffer(data, kind, offset=_HEADER_BYTES)["value"]
