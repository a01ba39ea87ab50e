"""What the work of `benchmarks.ingest` is, and its result in a form that all contenders can be compared in.

The work is five rollups of the events that are not synthetic, each day and server: all outcomes by server, calls and
errors by product and by tool, errors by type, an exponential histogram of durations (scale 6) by product; and for each
server the accounts exactly, with the days on which they called, were active or removed the connector."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

CALLED, ACTIVE, REMOVED = 1, 2, 4

# ("server", server, day, measure), ("product" or "tool", server, day, name, measure), ("error_type", server, day, name)
Counts = Mapping[tuple[str | int, ...], int]
# server, day, product, bucket (ceil(log2(us) * 64), or None where the duration is 0), calls
Durations = Iterable[tuple[str, int, str, int | None, int]]
# server, account, day, what it did: once for each three
Accounts = Iterable[tuple[str, int, int, int]]


def lines_of(counts: Counts, durations: Durations, accounts: Accounts) -> list[str]:
    """Every count, sorted; of histograms and accounts, sums that differ when one bucket or account does."""
    found = [f"{' '.join(map(str, key))} {count}" for key, count in counts.items() if count]
    found += [f"{key} {sums}" for key, sums in _histograms(durations).items()]
    found += [f"{key} {count}" for key, count in _distinct(accounts).items()]
    return sorted(found)


def digest(lines: Sequence[str]) -> str:
    """Equal for equal results."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _histograms(durations: Durations) -> dict[str, list[int]]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for server, day, product, bucket, calls in durations:
        place = 0 if bucket is None else bucket + 2
        sums[f"durations {server} {day} {product}"][0] += calls
        sums[f"durations {server} {day} {product}"][1] += calls * place
        sums[f"durations {server} {day} {product}"][2] += calls * place * place
    return sums


def _distinct(accounts: Accounts) -> Counter[str]:
    distinct: Counter[str] = Counter()
    over_all_days: dict[tuple[str, int], int] = defaultdict(int)
    for server, account, day, flags in accounts:
        for flag, name in ((CALLED, "called"), (ACTIVE, "active"), (REMOVED, "removed")):
            distinct[f"accounts {server} {day} {name}"] += bool(flags & flag)
        distinct[f"sum of accounts {server} {day} {flags}"] += account
        over_all_days[server, account] |= flags
    for (server, _), flags in over_all_days.items():
        distinct[f"accounts {server} all_days {flags}"] += 1
    return +distinct
