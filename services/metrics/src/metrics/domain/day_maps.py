"""On which days an account did what: 64-bit maps whose bit k stands for k days before `last_day`.

`last_day` only grows; a later day shifts the maps, and a late event sets an older bit. What falls off beyond 63 days is
older than any window. The database merges rows with the same arithmetic (store/accounts.py)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.domain.usage_columns import CONNECTOR_REMOVED, TOOL_CALL

REACH_DAYS = 63


@dataclass(frozen=True)
class AccountDays:
    """One row for each (server code, account) pair, once. The maps are unsigned here, signed in the database."""

    server: NDArray[np.int32]
    account: NDArray[np.uint64]
    last_day: NDArray[np.int64]
    called: NDArray[np.uint64]
    active: NDArray[np.uint64]
    removed: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.server)


def account_days(
    server: NDArray[np.int32], account: NDArray[np.uint64], day: NDArray[np.int64], kind: NDArray[np.uint8]
) -> AccountDays:
    """The maps of some events; account 0 is nobody and left out."""
    known = account != 0
    server, account, day, kind = server[known], account[known], day[known], kind[known]
    order = np.lexsort((account, server))
    server, account, day, kind = server[order], account[order], day[order], kind[order]
    fresh = np.ones(len(server), np.bool_)
    fresh[1:] = (server[1:] != server[:-1]) | (account[1:] != account[:-1])
    starts = np.flatnonzero(fresh)
    if not len(starts):
        nothing = np.zeros(0, np.uint64)
        return AccountDays(server, account, day, nothing, nothing, nothing)
    last_day = np.maximum.reduceat(day, starts)
    age = last_day[np.cumsum(fresh) - 1] - day
    bit = np.where(age <= REACH_DAYS, np.uint64(1) << np.minimum(age, REACH_DAYS).astype(np.uint64), np.uint64(0))

    def map_of(rows: NDArray[np.bool_]) -> NDArray[np.uint64]:
        merged: NDArray[np.uint64] = np.bitwise_or.reduceat(np.where(rows, bit, np.uint64(0)), starts)
        return merged

    called, removed = map_of(kind == TOOL_CALL), map_of(kind == CONNECTOR_REMOVED)
    return AccountDays(server[starts], account[starts], last_day, called, map_of(kind != CONNECTOR_REMOVED), removed)
