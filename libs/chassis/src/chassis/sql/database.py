"""A service's database: read-only connections, units of work, and what went wrong by SQLSTATE."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from google.protobuf.message import Message
from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis import request_id
from chassis.errors import Unavailable

STATEMENT_TIMEOUT_MS = 10_000
LOCK_TIMEOUT_MS = 5_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000
ATTEMPTS = 3
LARGEST_EVENT = 900_000
_WORTH_REPEATING = ("40001", "40P01")  # serialization failure, deadlock
_OVERLOADED = (
    "55P03",
    "57014",
    "53300",
    "57P01",
    "57P02",
    "57P03",
)  # lock and statement timeouts, server going or full

Result = TypeVar("Result")


class UnitOfWork:
    """One transaction. Nothing is saved unless `commit` is called."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.committed = False

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement in the transaction."""
        return self.connection.execute(statement, parameters)

    def emit(self, topic: str, key: str, event: Message) -> None:
        """Put an event into the outbox; it leaves if and when the transaction commits.

        Emit after the aggregate's own row has been locked or changed: then events of one key leave in the order of
        their commits. Raises ValueError for an event that Kafka would not take.
        """
        self.emit_all(topic, [(key, event)])

    def emit_all(self, topic: str, events: Iterable[tuple[str, Message]]) -> None:
        """Put many events, each with its key, into the outbox in one go; as `emit`."""
        rows = [_outbox_row(topic, key, event) for key, event in events]
        if rows:
            self.connection.execute(_EMIT, rows)

    def commit(self) -> None:
        """Save everything. The unit is finished afterwards."""
        self.connection.commit()
        self.committed = True


_EMIT = text(
    "WITH row AS (INSERT INTO outbox (topic, key, event_id, payload, request_id)"
    " VALUES (:topic, :key, :event_id, :payload, :request_id))"
    " SELECT pg_notify('outbox', '')"
)


def _outbox_row(topic: str, key: str, event: Message) -> dict[str, object]:
    payload = event.SerializeToString()
    if len(payload) > LARGEST_EVENT:
        raise ValueError(f"an event of {len(payload)} bytes is too large for {topic}")
    return {
        "topic": topic,
        "key": key,
        "event_id": getattr(event, "event_id"),  # noqa: B009  # every envelope has it, Message's type does not
        "payload": payload,
        "request_id": request_id.current(),
    }


class Database:
    """One service's database: a pool with limits on every statement, lock and idle transaction.

    As a context manager it closes all connections at the end.
    """

    def __init__(self, url: str, name: str, pool_size: int = 8) -> None:
        self.url = url
        self.engine: Engine = create_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            hide_parameters=True,  # an error's text goes to the log; values may be people's words or secrets
            connect_args=connect_arguments(name),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database and cannot write."""
        with self.engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    @contextmanager
    def lookup(self) -> Iterator[Connection]:
        """A connection for a single SELECT: no transaction around it, which would cost two round trips more."""
        with self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """A unit of work. Leaving without `commit`, or by an exception, undoes everything."""
        with self.engine.connect() as connection:
            yield UnitOfWork(connection)

    def run_read(self, work: Callable[[Connection], Result], *, single: bool = False) -> Result:
        """`work` on a read-only connection; repeated when the database lost the connection or a race.

        `single` is for work of a single SELECT, which sees one moment without a transaction.
        """

        def attempt() -> Result:
            with self.lookup() if single else self.read() as connection:
                return work(connection)

        return self._repeat(attempt, lambda: False)

    def run(self, work: Callable[[UnitOfWork], Result]) -> Result:
        """`work` in one transaction, then commit; the whole is repeated where that is safe.

        Repeated after a deadlock, a serialization failure, or a connection lost before the commit was asked for. A
        connection lost during the commit is Unavailable: whether it took effect is not known here.
        """
        committing = False

        def attempt() -> Result:
            nonlocal committing
            committing = False
            with self.transaction() as uow:
                result = work(uow)
                if not uow.committed:
                    committing = True
                    uow.commit()
                    committing = False
                return result

        return self._repeat(attempt, lambda: committing)

    def is_up(self) -> bool:
        """Whether the database answers."""
        try:
            with self.read() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _repeat(self, attempt: Callable[[], Result], committing: Callable[[], bool]) -> Result:
        for number in range(1, ATTEMPTS + 1):
            try:
                return attempt()
            except (DBAPIError, PoolTimeout) as error:
                lost = isinstance(error, DBAPIError) and error.connection_invalidated and not committing()
                if number < ATTEMPTS and (lost or sql_state(error) in _WORTH_REPEATING):
                    continue
                if is_outage(error):
                    raise Unavailable(
                        "DATABASE_UNAVAILABLE", "The database does not answer. Try again later."
                    ) from error
                raise
        raise AssertionError("unreachable")


def sqlalchemy_url(url: str) -> URL:
    """A `postgresql://` address with the driver named."""
    return make_url(url).set(drivername="postgresql+psycopg")


def connect_arguments(name: str) -> Mapping[str, Any]:
    """How every connection is made: named, with limits, and noticing a dead peer within half a minute."""
    options = {
        "statement_timeout": STATEMENT_TIMEOUT_MS,
        "lock_timeout": LOCK_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT_MS,
        "timezone": "UTC",
        # The server notices a lost client as soon as the client a lost server: it may hold a lock others wait for.
        "tcp_keepalives_idle": 10,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    return {
        "application_name": name,
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "options": " ".join(f"-c {option}={value}" for option, value in options.items()),
    }


def sql_state(error: BaseException) -> str:
    """The SQLSTATE of a database error; empty where there is none (a lost connection, a full pool)."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def constraint_name(error: BaseException) -> str:
    """The constraint that a statement broke; empty where it broke none."""
    diagnostics = getattr(getattr(error, "orig", None), "diag", None)
    return str(getattr(diagnostics, "constraint_name", None) or "")


def is_outage(error: BaseException) -> bool:
    """Whether the database is away or overloaded, as opposed to a statement being wrong."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = sql_state(error)
    return error.connection_invalidated or state in _OVERLOADED or state in _WORTH_REPEATING or _refused(error, state)


def _refused(error: DBAPIError, state: str) -> bool:
    # A refused connection has neither a SQLSTATE nor a connection to invalidate.
    return state.startswith("08") or (not state and type(error.orig).__name__ == "OperationalError")
