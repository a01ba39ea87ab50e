"""Seeded usage traffic: the same events as columns, as Arrow records, as single protobuf events, and as plain tuples.

The world: servers of skewed popularity; accounts that use a few servers each, some far more than others; two days of
traffic in order of time, one event in a hundred one to three days late, one in two hundred synthetic."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

import numpy as np
from directory.usage.v1.usage_event_pb2 import UsageEvent
from metrics.consumers.usage_records import ARROW, PROTOBUF_EVENT
from metrics.domain.usage_columns import Names, UsageColumns, encode_arrow
from numpy.typing import NDArray

__all__ = ["ARROW", "PROTOBUF_EVENT", "Event", "Traffic", "arrow_records", "events_of", "protobuf_records"]

DAY_US = 86_400 * 1_000_000
PRODUCTS = ["claude_ai", "claude_desktop", "claude_code", "cowork", "other_a", "other_b"]
ERROR_TYPES = ["", "tool_error", "timeout", "-32602", "429", "500"]
STATUSES = np.array([200, 200, 504, 400, 429, 500], np.uint16)


class Event(NamedTuple):
    """One event without a type of the service; the fields of directory.usage.v1.UsageEvent."""

    kind: int
    time_us: int
    server_id: str
    product: str
    tool: str
    account: int
    outcome: int
    error_type: str
    http_status: int
    duration_us: int
    synthetic: bool


@dataclass(frozen=True)
class Traffic:
    """How much of what; the same numbers give the same events."""

    events: int
    now_us: int
    seed: int = 1
    servers: int = 2_000
    accounts: int = 50_000
    servers_an_account: int = 4
    tools_a_server: int = 15

    def batches(self, size: int) -> Iterator[UsageColumns]:
        """All events, in batches of at most `size`."""
        chance = np.random.default_rng(self.seed + 1)
        for first in range(0, self.events, size):
            yield self._batch(chance, first, min(size, self.events - first))

    @cached_property
    def server_ids(self) -> list[str]:
        """UUIDs, the most popular first."""
        chance = np.random.default_rng(self.seed)
        return [str(UUID(int=int.from_bytes(chance.bytes(16), "big"), version=4)) for _ in range(self.servers)]

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int32], NDArray[np.uint64], NDArray[np.float64]]:
        """Who uses what: (server, account) and the running sum of how likely an event is theirs."""
        chance = np.random.default_rng(self.seed)
        count = self.accounts * self.servers_an_account
        popularity = np.cumsum(1 / np.arange(1, self.servers + 1))
        server = np.searchsorted(popularity, chance.random(count) * popularity[-1]).astype(np.int32)
        hashes = chance.integers(1, 2**64, self.accounts, dtype=np.uint64)
        weights = np.cumsum(chance.lognormal(0, 1.5, count))
        return server, np.repeat(hashes, self.servers_an_account), weights / weights[-1]

    def _batch(self, chance: np.random.Generator, first: int, size: int) -> UsageColumns:
        servers, accounts, likely = self._pairs
        pair = np.searchsorted(likely, chance.random(size))
        server = servers[pair]
        kind = np.where(chance.random(size) < 0.8, 1, 2).astype(np.uint8)
        kind[chance.random(size) < 0.001] = 3
        call = kind == 1
        outcome = chance.choice(np.array([1, 2, 3, 4], np.uint8), size, p=[0.95, 0.02, 0.02, 0.01])
        error = np.where(outcome == 2, 1, np.where(outcome == 3, chance.integers(2, len(ERROR_TYPES), size), 0))
        error = np.where(call, error, 0)
        status = np.where(outcome == 4, 401, STATUSES[error])
        tool = server % 7 + np.minimum(chance.geometric(0.25, size), self.tools_a_server)
        return UsageColumns(
            kind=kind,
            time=self._times(chance, first, size),
            server=_names(server, self.server_ids),
            product=_names(np.minimum(chance.geometric(0.5, size) - 1, len(PRODUCTS) - 1), PRODUCTS),
            tool=_names(np.where(call, tool, 0), ["", *(f"tool_{n}" for n in range(1, self.tools_a_server + 7))]),
            account=accounts[pair],
            outcome=np.where(call, outcome, 0).astype(np.uint8),
            error_type=_names(error, ERROR_TYPES),
            http_status=np.where(call, status, 200).astype(np.uint16),
            duration_us=np.where(call, chance.lognormal(11, 1, size), 0).astype(np.uint64),
            synthetic=chance.random(size) < 0.005,
        )

    def _times(self, chance: np.random.Generator, first: int, size: int) -> NDArray[np.int64]:
        begin = self.now_us // DAY_US * DAY_US - 2 * DAY_US  # two whole days, whenever it is made
        begin += 2 * DAY_US * first // self.events
        times = begin + np.sort(chance.integers(0, max(1, 2 * DAY_US * size // self.events), size))
        late = chance.random(size) < 0.01
        times[late] -= chance.integers(DAY_US, 3 * DAY_US, int(late.sum()))
        return times.astype(np.int64)


def _names(places: NDArray[np.int64] | NDArray[np.int32], values: Sequence[str]) -> Names:
    """A dictionary of the names that occur, as a producer makes it."""
    used = np.flatnonzero(np.bincount(places, minlength=len(values)))
    new_places = np.zeros(len(values), np.int32)
    new_places[used] = np.arange(len(used))
    return Names(new_places[places], [values[place] for place in used])


def arrow_records(traffic: Traffic, size: int) -> list[bytes]:
    """The values of records that hold `size` events each."""
    return [encode_arrow(batch) for batch in traffic.batches(size)]


def protobuf_records(traffic: Traffic) -> tuple[list[bytes], list[bytes]]:
    """Keys (the server) and values of records that hold one event each."""
    keys, values = [], []
    for event in events_of(traffic):
        fields = event._asdict()
        account = fields.pop("account")
        keys.append(event.server_id.encode())
        values.append(UsageEvent(account_hash=account, **fields).SerializeToString())
    return keys, values


def events_of(traffic: Traffic, size: int = 10_000) -> Iterator[Event]:
    """Every event as a plain tuple, in order."""
    for batch in traffic.batches(size):
        texts = {n: [names.values[c] for c in names.codes.tolist()] for n, names in _name_columns(batch).items()}
        yield from map(
            Event,
            batch.kind.tolist(),
            batch.time.tolist(),
            texts["server"],
            texts["product"],
            texts["tool"],
            batch.account.tolist(),
            batch.outcome.tolist(),
            texts["error_type"],
            batch.http_status.tolist(),
            batch.duration_us.tolist(),
            batch.synthetic.tolist(),
        )


def _name_columns(batch: UsageColumns) -> dict[str, Names]:
    return {name: getattr(batch, name) for name in ("server", "product", "tool", "error_type")}
