"""On which days an account did what: 64-bit maps whose bit k stands for k days before `last_day`.

`last_day` only grows; a later day shifts the maps, and a late event sets an older bit. What falls off beyond 63 days is
older than any window. The database merges rows with the same arithmetic (store/rollups.py)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.domain.first_sight import FirstSight
from metrics.domain.packing import run_starts
from metrics.domain.usage_columns import CONNECTOR_REMOVED, MESSAGE, TOOL_CALL

REACH_DAYS = 63
# A sight is (server code, day, marks): what the account did there.
_DAY, _MARKS = 20, 3
_CALLED, _ACTIVE, _REMOVED = 1, 2, 4
_MARKS_OF = np.zeros(256, np.uint64)
_MARKS_OF[[TOOL_CALL, MESSAGE, CONNECTOR_REMOVED]] = _CALLED | _ACTIVE, _ACTIVE, _REMOVED
# In keys for sorting: days since the first one, and places of accounts.
_SPAN, _ACCOUNT = 17, 24


@dataclass(frozen=True)
class AccountDays:
    """One row for each (server code, account) pair, once. The maps are unsigned here, signed in the database."""

    server: NDArray[np.int64]
    account: NDArray[np.uint64]
    last_day: NDArray[np.int64]
    called: NDArray[np.uint64]
    active: NDArray[np.uint64]
    removed: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.server)


class AccountSights:
    """Accounts seen on a server, on a day, with a kind of event; those that are not in the database yet."""

    def __init__(self) -> None:
        self._seen = FirstSight(_MARKS)
        self.written()

    def written(self) -> None:
        """The new ones are in the database."""
        self.new = 0
        self._accounts: list[NDArray[np.uint64]] = []
        self._sights: list[NDArray[np.uint64]] = []

    def add(
        self,
        server: NDArray[np.int32],
        account: NDArray[np.uint64],
        day: NDArray[np.int64],
        kind: NDArray[np.uint8],
    ) -> None:
        """Takes events; account 0 is nobody and left out."""
        sight: NDArray[np.uint64] = server.astype(np.uint64) << np.uint64(_DAY)
        sight |= day.view(np.uint64)
        sight <<= np.uint64(_MARKS)
        sight |= _MARKS_OF.take(kind)
        new = self._seen.new(account, sight)
        if not account.all():
            new = new[account[new] != 0]
        self.new += len(new)
        self._accounts.append(account[new])
        self._sights.append(sight[new])

    def new_days(self) -> AccountDays:
        """The maps of what was new."""
        nothing = np.zeros(0, np.uint64)
        return account_days(np.concatenate([nothing, *self._accounts]), np.concatenate([nothing, *self._sights]))


def account_days(account: NDArray[np.uint64], sight: NDArray[np.uint64]) -> AccountDays:
    """Maps of sights, in the order of (server, account)."""
    sights = sight.view(np.int64)
    server, day, marks = sights >> _DAY + _MARKS, sights >> _MARKS & (1 << _DAY) - 1, sights & (1 << _MARKS) - 1
    first_day = int(day.min()) if len(day) else 0
    accounts, places = _placed(account)
    key = ((server << _ACCOUNT | places) << _SPAN | day - first_day) << _MARKS | marks
    key.sort()
    pair = key >> _SPAN + _MARKS
    starts = run_starts(pair)
    lengths = np.diff(starts, append=len(key))
    day = (key >> _MARKS & (1 << _SPAN) - 1) + first_day
    last_day = day[starts + lengths - 1]
    age = np.repeat(last_day, lengths) - day
    bit = np.where(age <= REACH_DAYS, np.uint64(1) << np.minimum(age, REACH_DAYS).astype(np.uint64), np.uint64(0))

    def map_of(mark: int) -> NDArray[np.uint64]:
        bits = np.where(key & mark, bit, np.uint64(0))
        return np.bitwise_or.reduceat(bits, starts) if len(starts) else bits

    return AccountDays(
        pair[starts] >> _ACCOUNT,
        accounts[pair[starts] & (1 << _ACCOUNT) - 1],
        last_day,
        map_of(_CALLED),
        map_of(_ACTIVE),
        map_of(_REMOVED),
    )


def _placed(account: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The distinct accounts in order, and each row's place among them."""
    order = np.argsort(account)
    ordered = account[order]
    starts = run_starts(ordered)
    places = np.empty(len(account), np.int64)
    places[order] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(account)))
    return ordered[starts], places
