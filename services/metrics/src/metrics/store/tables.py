"""The tables of the metrics service."""

from chassis.sql.tables import shared_tables
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
shared_tables(metadata)

_CALLS = ("calls", "tool_errors", "request_errors")
_ALL_MEASURES = (*_CALLS, "auth_rejected", "http_4xx", "http_5xx", "messages", "removals")


def _counters(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False, server_default="0") for name in names]


def _rollup(name: str, *columns: Column[object], part: str | None = None, measures: tuple[str, ...] = _CALLS) -> Table:
    named: list[Column[object]] = [Column(part, Text, primary_key=True)] if part else []
    return Table(
        name,
        metadata,
        Column("server_id", Uuid(as_uuid=False), primary_key=True),
        Column("day", Date, primary_key=True),
        *named,
        *_counters(*measures),
        *columns,
    )


# Rollups of a UTC day. A row of usage_server_days is the lock of everything else of that server and day.
server_days = _rollup("usage_server_days", measures=_ALL_MEASURES)
product_days = _rollup(
    "usage_product_days",
    Column("durations", LargeBinary, nullable=False, server_default=text("''")),
    Column("compacted_bytes", Integer, nullable=False, server_default="0"),  # how long it was when last compacted
    part="product",
)
tool_days = _rollup("usage_tool_days", part="tool")
error_type_days = _rollup("usage_error_type_days", part="error_type", measures=("calls",))
for _table in (server_days, product_days, tool_days, error_type_days):
    Index(f"{_table.name}_day", _table.c.day)  # the purge goes by day

# Who used what: maps of days whose bit k stands for k days before last_day (domain/day_maps.py).
accounts = Table(
    "server_accounts",
    metadata,
    Column("server_id", Uuid(as_uuid=False), primary_key=True),
    Column("account", BigInteger, primary_key=True),
    Column("last_day", Date, nullable=False),
    Column("called", BigInteger, nullable=False),
    Column("active", BigInteger, nullable=False),
    Column("removed", BigInteger, nullable=False),
)

# Where reading goes on. Keyed by the topic's id: one that is made again has another and starts afresh.
offsets = Table(
    "usage_offsets",
    metadata,
    Column("topic_id", Uuid(as_uuid=False), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("dead_in_a_row", Integer, nullable=False, server_default="0"),
    Column("stopped_reason", Text),
    Column("worker", Text, nullable=False, server_default=""),
    Column("moved_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

# What became of everything that was read, so that nothing is lost in silence.
ledger = Table(
    "usage_ledger",
    metadata,
    Column("topic_id", Uuid(as_uuid=False), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("entry", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
)

# Which batches of a producer were counted (domain/sequence_window.py).
producers = Table(
    "usage_producers",
    metadata,
    Column("topic_id", Uuid(as_uuid=False), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("producer_id", Text, primary_key=True),
    Column("highest", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("moved_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
Index("usage_producers_moved_at", producers.c.moved_at)

# Records of the usage topic that could not be read. The shared dead_letters are those of other topics.
dead_letters = Table(
    "usage_dead_letters",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic_id", Uuid(as_uuid=False), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("arrived_us", BigInteger, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # Whose it is: what was kept of the record's own.
    Column("key", Text),
    Column("headers", JSONB, nullable=False, server_default=text("'{}'")),
)

# What the submissions' events say of each server.
servers = Table(
    "servers",
    metadata,
    Column("server_id", Uuid(as_uuid=False), primary_key=True),
    Column("organization_id", Uuid(as_uuid=False), nullable=False),
    Column("published", Boolean, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    # When it passed to its organization; NULL where that is the first one.
    Column("owner_since", DateTime(timezone=True)),
)
Index("servers_published", servers.c.server_id, postgresql_where=text("published"))

# One computation of one day. It is visible when `snapshots` names it.
generations = Table(
    "generations",
    metadata,
    Column("generation", BigInteger, Identity(always=True), primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("policy", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("computed_at", DateTime(timezone=True)),
    Column("servers", Integer, nullable=False),
    Column("ranked_servers", Integer, nullable=False, server_default="0"),
    Column("complete", Boolean, nullable=False, server_default=text("true")),  # all of the day was counted by then
)
Index(
    "generations_unfinished",
    generations.c.as_of,
    unique=True,
    postgresql_where=text("computed_at IS NULL"),
)

# Parts of a computation that workers take one by one.
portions = Table(
    "generation_portions",
    metadata,
    Column("generation", BigInteger, ForeignKey("generations.generation", ondelete="CASCADE"), primary_key=True),
    Column("portion", Integer, primary_key=True),
    Column("server_ids", JSONB, nullable=False),
    Column("done_at", DateTime(timezone=True)),
)

# Which generation each day shows.
snapshots = Table(
    "snapshots",
    metadata,
    Column("as_of", Date, primary_key=True),
    Column("generation", BigInteger, ForeignKey("generations.generation"), nullable=False),
)

# What a generation says of a server, for 400 days: the topline. The rates and `calls_30` are NULL where they are not
# shown; `oldest_*` are the figures of the oldest day of the lines, which no later snapshot tells.
server_snapshots = Table(
    "server_snapshots",
    metadata,
    Column("generation", BigInteger, ForeignKey("generations.generation", ondelete="CASCADE"), primary_key=True),
    Column("server_id", Uuid(as_uuid=False), primary_key=True),
    Column("active_30", BigInteger, nullable=False),
    Column("active_7", BigInteger, nullable=False),
    Column("active_previous_7", BigInteger, nullable=False),
    Column("calls_30", BigInteger),
    Column("error_rate_30", Double),
    Column("disconnect_rate_30", Double),
    Column("oldest_calls", BigInteger),
    Column("oldest_active_users", BigInteger),
    Column("oldest_error_rate", Double),
    Column("rank", Integer),
    Column("health", SmallInteger, nullable=False),
    Column("ranked", Boolean, nullable=False),
    Column("trending", Boolean, nullable=False, server_default=text("false")),
)
Index(
    "server_snapshots_rank",
    server_snapshots.c.generation,
    server_snapshots.c.rank,
    server_snapshots.c.server_id,
    postgresql_where=text("rank IS NOT NULL"),
)
Index("server_snapshots_trending", server_snapshots.c.generation, postgresql_where=text("trending"))

# Everything that a generation says of a server, for as long as somebody may ask for all of it: a ServerMetrics without
# what other columns or the time decide. Apart from the rows above, which are kept ten times as long.
server_figures = Table(
    "server_figures",
    metadata,
    Column("generation", BigInteger, ForeignKey("generations.generation", ondelete="CASCADE"), primary_key=True),
    Column("server_id", Uuid(as_uuid=False), primary_key=True),
    Column("figures", LargeBinary, nullable=False),
)
