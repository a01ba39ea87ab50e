"""Single protobuf events in plain Python, for the contenders that read rows: which counters an event adds one to, and
what it says about an account."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from directory.usage.v1.usage_event_pb2 import UsageEvent

from benchmarks.totals import ACTIVE, CALLED, REMOVED, lines_of

Key = tuple[str | int | None, ...]

_DAY_US = 86_400 * 1_000_000
_CALL, _MESSAGE = 1, 2
_OUTCOMES = {2: "tool_errors", 3: "request_errors"}


def keys_of(event: UsageEvent) -> list[Key]:
    """Counters of an event that is not synthetic."""
    server, day = event.server_id, event.time_us // _DAY_US
    if event.kind != _CALL:
        return [("server", server, day, "messages" if event.kind == _MESSAGE else "removals")]
    product, tool, duration = event.product, event.tool, event.duration_us
    keys: list[Key] = [
        ("server", server, day, "calls"),
        ("product", server, day, product, "calls"),
        ("tool", server, day, tool, "calls"),
        ("durations", server, day, product, math.ceil(math.log2(duration) * 64) if duration else None),
    ]
    if measure := _OUTCOMES.get(event.outcome):
        keys += [("server", server, day, measure), ("product", server, day, product, measure)]
        keys += [("tool", server, day, tool, measure), ("error_type", server, day, event.error_type)]
    elif event.outcome == 4:
        keys.append(("server", server, day, "auth_rejected"))
    if event.http_status >= 400:
        keys.append(("server", server, day, f"http_{event.http_status // 100}xx"))
    return keys


def account_of(event: UsageEvent) -> tuple[Key, int]:
    """Key of an account's day, and the flags to set there."""
    flags = CALLED | ACTIVE if event.kind == _CALL else ACTIVE if event.kind == _MESSAGE else REMOVED
    return ("account", event.server_id, event.account_hash, event.time_us // _DAY_US), flags


class Tally:
    """Counters and accounts in memory."""

    def __init__(self) -> None:
        self.counters: Counter[Key] = Counter()
        self.accounts: dict[Key, int] = {}

    def add(self, event: UsageEvent) -> "Tally":
        """Counts an event."""
        if not event.synthetic:
            self.counters.update(keys_of(event))
            key, flags = account_of(event)
            self.accounts[key] = self.accounts.get(key, 0) | flags
        return self

    def lines(self) -> list[str]:
        """The result."""
        return lines_of_counters([self.counters, self.accounts])


def lines_of_counters(stores: Iterable[Mapping[Key, int]]) -> list[str]:
    """The result from counters and account flags by key; no key may be in two stores."""
    entries = [(key, number) for store in stores for key, number in store.items()]
    return lines_of(
        {key: number for key, number in entries if key[0] not in ("durations", "account")},
        ((*key[1:], number) for key, number in entries if key[0] == "durations"),
        ((*key[1:], number) for key, number in entries if key[0] == "account"),
    )
