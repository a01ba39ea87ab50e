"""The example traffic, day by day: who calls which tool when, through which product, and how it ends.

The same server and day always give the same events, so that a day that is sent again is recognised.
"""

import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from directory.usage.v1.usage_event_pb2 import (
    OUTCOME_AUTH_REJECTED,
    OUTCOME_OK,
    OUTCOME_REQUEST_ERROR,
    OUTCOME_TOOL_ERROR,
    USAGE_KIND_CONNECTOR_REMOVED,
    USAGE_KIND_MESSAGE,
    USAGE_KIND_TOOL_CALL,
    UsageEvent,
)
from numpy.random import Generator
from numpy.typing import NDArray

from embedded.demo_servers import DemoServer

Integers = NDArray[np.int64]

DAYS = 35
OLDEST = timedelta(days=35) - timedelta(minutes=30)  # older events are refused; sending takes a while
_DAY_US = 86_400_000_000
_WEEKDAYS = (1.0, 1.06, 1.08, 1.04, 0.92, 0.42, 0.38)  # from Monday
_GROWTH_DAYS = 8
_MESSAGES_A_PERSON = 2.0  # initialize and tools/list, about once a day each


@dataclass(frozen=True)
class Product:
    """A product's share of the accounts, and what its client does to durations and failures."""

    key: str
    share: float
    slowness: float
    failures: float


PRODUCTS = (
    Product("claude_ai", 0.46, 1.0, 1.0),
    Product("claude_desktop", 0.24, 1.2, 1.25),
    Product("claude_code", 0.23, 0.7, 0.8),
    Product("cowork", 0.07, 1.7, 2.2),
)
_TROUBLE = 4.0

# Kind of failure -> outcome, error type, HTTP status, usual duration in seconds (None: as long as any call).
FAILURES: Mapping[str, tuple[int, str, int, float | None]] = {
    "ok": (OUTCOME_OK, "", 200, None),
    "tool_error": (OUTCOME_TOOL_ERROR, "tool_error", 200, None),
    "timeout": (OUTCOME_REQUEST_ERROR, "timeout", 0, 30.0),
    "-32602": (OUTCOME_REQUEST_ERROR, "-32602", 200, 0.02),
    "429": (OUTCOME_REQUEST_ERROR, "429", 429, 0.012),
    "500": (OUTCOME_REQUEST_ERROR, "500", 500, 0.25),
    "503": (OUTCOME_REQUEST_ERROR, "503", 503, 0.9),
    "401": (OUTCOME_AUTH_REJECTED, "401", 401, 0.01),
    "403": (OUTCOME_AUTH_REJECTED, "403", 403, 0.015),
}
_KINDS = tuple(FAILURES)


@dataclass(frozen=True)
class _Accounts:
    """What is fixed about the accounts of a server. `leaving` is when one removes the connector, 0 never."""

    product: Integers
    leaving: Integers


class ServerTraffic:
    """The events of one server until `now`."""

    def __init__(self, server: DemoServer, server_id: str, now: datetime) -> None:
        if server.traffic is None:
            raise ValueError(f"{server.slug} has no traffic")
        self._server, self._id, self._traffic = server, server_id, server.traffic
        self._now_us, self._today = _microseconds(now), now.date()
        self._seed = zlib.crc32(server.slug.encode())
        self._accounts = self._make_accounts()

    def events_of(self, day: date) -> list[UsageEvent]:
        """Everything of a day that has happened and is not too old to count."""
        rng = np.random.default_rng([self._seed, day.toordinal()])
        found = [*self._calls(day, rng), *self._messages(day, rng), *self._removals(day)]
        oldest = self._now_us - OLDEST // timedelta(microseconds=1)
        return [event for event in found if oldest <= event.time_us <= self._now_us]

    def _make_accounts(self) -> _Accounts:
        rng = np.random.default_rng(self._seed)
        count = self._traffic.accounts
        product = rng.choice(len(PRODUCTS), count, p=[product.share for product in PRODUCTS])
        days_ago = rng.integers(1, 29, count)
        moment = _start_us(self._today) - days_ago * _DAY_US + rng.integers(_DAY_US // 3, _DAY_US, count)
        return _Accounts(product, np.where(rng.random(count) < self._traffic.removals, moment, 0))

    def _calls(self, day: date, rng: Generator) -> Iterator[UsageEvent]:
        times, accounts = self._moments(day, rng, self._number_of_calls(day, rng))
        tools = _tools(rng, len(times), len(self._server.tools))
        products = self._accounts.product[accounts]
        kinds = self._failures(day, rng, products)
        durations = self._durations(rng, tools, products, kinds)
        columns = (column.tolist() for column in (times, accounts, tools, products, kinds, durations))
        for time, account, tool, product, kind, duration in zip(*columns, strict=True):
            outcome, error_type, status, _ = FAILURES[_KINDS[kind]]
            yield UsageEvent(
                kind=USAGE_KIND_TOOL_CALL,
                time_us=time,
                server_id=self._id,
                product=PRODUCTS[product].key,
                tool=self._server.tools[tool],
                account_id=f"account-{account}",
                outcome=outcome,  # type: ignore[arg-type]
                error_type=error_type,
                http_status=status,
                duration_us=duration,
            )

    def _messages(self, day: date, rng: Generator) -> Iterator[UsageEvent]:
        mean = self._traffic.messages_a_day or _MESSAGES_A_PERSON * min(
            self._traffic.accounts / 4, self._traffic.calls_a_day / 5
        )
        number = int(rng.poisson(mean * self._volume(day))) if mean > 1 else 0
        for time, account in zip(*(each.tolist() for each in self._moments(day, rng, number)), strict=True):
            yield self._event(USAGE_KIND_MESSAGE, time, account)

    def _removals(self, day: date) -> Iterator[UsageEvent]:
        start = _start_us(day)
        leaving = self._accounts.leaving
        for account in np.flatnonzero((leaving >= start) & (leaving < start + _DAY_US)).tolist():
            time = int(leaving[account])
            yield self._event(USAGE_KIND_MESSAGE, time - 60_000_000, account)  # whoever leaves has been there
            yield self._event(USAGE_KIND_CONNECTOR_REMOVED, time, account)

    def _event(self, kind: Any, time: int, account: int) -> UsageEvent:
        product = PRODUCTS[int(self._accounts.product[account])].key
        return UsageEvent(kind=kind, time_us=time, server_id=self._id, product=product, account_id=f"account-{account}")

    def _number_of_calls(self, day: date, rng: Generator) -> int:
        mean = self._traffic.calls_a_day
        if 0 < mean < 1:
            return int(day.toordinal() % round(1 / mean) == 0)
        return int(rng.poisson(mean * self._volume(day) * rng.lognormal(0, 0.05)))

    def _volume(self, day: date) -> float:
        return _WEEKDAYS[day.weekday()] * self._grown(day)

    def _grown(self, day: date) -> float:
        passed = max(0, _GROWTH_DAYS - (self._today - day).days) / _GROWTH_DAYS
        return 1 + (self._traffic.growth - 1) * min(1.0, 1.6 * passed)

    def _moments(self, day: date, rng: Generator, number: int) -> tuple[Integers, Integers]:
        """Times within the day, and by whom: few use much. Accounts that have left are left out."""
        largest = max(1.0, self._traffic.growth)
        present = max(1, math.ceil(self._traffic.accounts * min(1.0, self._grown(day) / largest)))
        hour = (14.5 + 4.2 * rng.standard_normal(number)) % 24
        times = _start_us(day) + (hour * (_DAY_US / 24)).astype(np.int64)
        accounts = (present * rng.random(number) ** 2.2).astype(np.int64)
        leaving = self._accounts.leaving[accounts]
        stays = (leaving == 0) | (times < leaving)
        order = np.argsort(times[stays], kind="stable")
        return times[stays][order], accounts[stays][order]

    def _failures(self, day: date, rng: Generator, products: Integers) -> Integers:
        """A place in _KINDS for each call; 0 is ok."""
        shares = dict(self._traffic.failures)
        incident = self._traffic.incident
        if incident and (self._today - day).days == incident["days_ago"]:
            shares[incident["failure"]] = incident["share"]
        factors = [p.failures * (_TROUBLE if p.key == self._traffic.trouble_with else 1) for p in PRODUCTS]
        drawn = rng.random(len(products)) / np.array(factors)[products]
        kinds = np.array([*(_KINDS.index(kind) for kind in shares), 0])
        drawn_kinds: Integers = kinds[np.searchsorted(np.cumsum(list(shares.values())), drawn, side="right")]
        return drawn_kinds

    def _durations(self, rng: Generator, tools: Integers, products: Integers, kinds: Integers) -> Integers:
        of_tool = 0.09 * (1 + (tools * 7 % 11) / 4)
        of_product = np.array([product.slowness for product in PRODUCTS])[products]
        usual = np.array([math.nan if FAILURES[kind][3] is None else FAILURES[kind][3] for kind in _KINDS])[kinds]
        median = np.where(np.isnan(usual), of_tool * of_product * self._traffic.slowness, usual)
        spread = np.where(np.isnan(usual), 0.62, 0.05)
        seconds = median * np.exp(spread * rng.standard_normal(len(kinds)))
        return (seconds * 1_000_000).astype(np.int64)


def days_until(today: date) -> list[date]:
    """The days with traffic: the last 35, and today as far as it is over."""
    return [today - timedelta(days=ago) for ago in range(DAYS, -1, -1)]


def _tools(rng: Generator, number: int, tools: int) -> Integers:
    """Places of tools: the first is used most, as in any real server."""
    weights = 1 / (1 + np.arange(max(1, tools))) ** 0.9
    return rng.choice(len(weights), number, p=weights / weights.sum())


def _start_us(day: date) -> int:
    return _microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
