"""Brute force over the raw events, written from docs/metrics.md and nothing else: no code of the service is used.

An event is a dict with the fields of directory.usage.v1.UsageEvent, `account` instead of the two account fields, and
`arrived_us`."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CALL, MESSAGE, REMOVED = 1, 2, 3
OK, TOOL_ERROR, REQUEST_ERROR, AUTH_REJECTED = 1, 2, 3, 4
NOT_LIVE, COLLECTING, HEALTHY, WORTH_A_LOOK, DEGRADED = 1, 2, 3, 4, 5
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def day_of(event):
    return (EPOCH + timedelta(microseconds=event["time_us"])).date()


def fate(event):
    """`counted`, `synthetic`, or why it was rejected."""
    if event["synthetic"]:
        return "synthetic"
    if event["kind"] not in (CALL, MESSAGE, REMOVED):
        return "unknown_kind"
    if not UUID.fullmatch(event["server_id"]):
        return "bad_server_id"
    if event["kind"] == CALL and event["outcome"] not in (1, 2, 3, 4):
        return "unknown_outcome"
    if event["time_us"] < event["arrived_us"] - 35 * 24 * 3600 * 10**6:
        return "late"
    if event["time_us"] > event["arrived_us"] + 5 * 60 * 10**6:
        return "future"
    return "counted"


def label(text):
    return text if text and len(text) <= 64 and text.isprintable() else "other"


def error_type(event):
    if event["error_type"]:
        return label(event["error_type"])
    if event["outcome"] == TOOL_ERROR:
        return "tool_error"
    return str(event["http_status"]) if event["http_status"] >= 400 else "unknown"


def distinct(events):
    return len({e["account"] for e in events if e["account"]})


def nearest_rank(values, percent):
    ordered = sorted(values)
    return ordered[-(-len(ordered) * percent // 100) - 1]


class Oracle:
    """The figures of every server at a day; `shown[day][server]` is the (rank, disconnect rate) that the computation of
    that day said."""

    def __init__(self, events, published, policy="disconnect_rate"):
        self.events = [e for e in events if fate(e) == "counted"]
        self.published = set(published)
        self.policy = policy
        self.shown = {}

    def window(self, server, as_of, days):
        first = as_of - timedelta(days=days - 1)
        return [e for e in self.events if e["server_id"].lower() == server and first <= day_of(e) <= as_of]

    def compute(self, as_of):
        """All servers' figures at the end of `as_of`."""
        month = {s: self.window(s, as_of, 30) for s in self.published}
        users = {s: distinct(calls(month[s])) for s in self.published}
        ranks = {
            s: 1 + sum(other > users[s] for other in users.values())
            for s in self.published
            if len(calls(month[s])) >= 5
        }
        self.shown[as_of] = {s: (ranks[s], disconnect_rate(month[s])) for s in ranks}
        trending = self.trending(as_of)
        return {s: self.server(s, as_of, ranks.get(s), len(users), s in trending) for s in self.published}

    def trending(self, as_of):
        growing = []
        for server in self.published:
            users = distinct(calls(self.window(server, as_of, 7)))
            before = distinct(calls(self.window(server, as_of - timedelta(days=7), 7)))
            growth = Fraction(users - before, max(before, 20))
            if growth > 0 and users >= 20:
                growing.append((-growth, -users, server))
        return {server for _, _, server in sorted(growing)[:10]}

    def server(self, server, as_of, rank, ranked_servers, trending):
        month = self.window(server, as_of, 30)
        figures = {
            "server_id": server,
            "as_of": as_of.isoformat(),
            "rank": rank,
            "ranked_servers": ranked_servers,
            "trending": trending,
            "health": self.health(month),
            "windows": [self.errors(server, as_of, days) for days in (1, 7, 30)],
            "products": products(calls(self.window(server, as_of, 7))),
            "tools": tools(calls(self.window(server, as_of, 7))),
            "daily": [self.daily(server, as_of - timedelta(days=29 - n)) for n in range(30)],
            "messages_without_calls": not calls(month) and any(e["kind"] == MESSAGE for e in month),
            "active_users": None,
            "calls": None,
            "disconnect_rate": None,
            "error_rate": None,
        }
        figures["windows"] = [window for window in figures["windows"] if window]
        if len(calls(month)) >= 5:
            figures["active_users"] = distinct(calls(month))
            figures["calls"] = len(calls(month))
            figures["error_rate"] = rate(calls(month), (TOOL_ERROR, REQUEST_ERROR))
            figures["disconnect_rate"] = disconnect_rate(month)
        return figures

    def health(self, month):
        made = calls(month)
        if len(made) < 5:
            return COLLECTING
        if self.policy == "disconnect_rate":
            gone, everybody = disconnects(month)
            if not everybody:
                return COLLECTING
            return HEALTHY if Fraction(gone, everybody) <= Fraction(5, 100) else DEGRADED
        bad = Fraction(sum(e["outcome"] in (REQUEST_ERROR, AUTH_REJECTED) for e in made), len(made))
        if bad <= Fraction(2, 100):
            return HEALTHY
        return WORTH_A_LOOK if bad <= Fraction(5, 100) else DEGRADED

    def errors(self, server, as_of, days):
        made = calls(self.window(server, as_of, days))
        if len(made) < 5:
            return None
        types = Counter(error_type(e) for e in made if e["outcome"] in (TOOL_ERROR, REQUEST_ERROR))
        return {
            "days": days,
            "calls": len(made),
            "error_rate": rate(made, (TOOL_ERROR, REQUEST_ERROR)),
            "tool_error_rate": rate(made, (TOOL_ERROR,)),
            "request_error_rate": rate(made, (REQUEST_ERROR,)),
            "http_4xx_rate": sum(400 <= e["http_status"] <= 499 for e in made) / len(made),
            "http_5xx_rate": sum(500 <= e["http_status"] <= 599 for e in made) / len(made),
            "top_error_types": sorted(types.items(), key=lambda item: (-item[1], item[0]))[:5],
        }

    def daily(self, server, day):
        made = calls(self.window(server, day, 1))
        shown = len(made) >= 5
        rank, disconnects_shown = self.shown.get(day, {}).get(server, (None, None))
        return {
            "day": day.isoformat(),
            "calls": len(made) if shown else None,
            "active_users": distinct(made) if shown else None,
            "error_rate": rate(made, (TOOL_ERROR, REQUEST_ERROR)) if shown else None,
            "rank": rank,
            "disconnect_rate": disconnects_shown,
        }


def calls(events):
    return [e for e in events if e["kind"] == CALL]


def rate(made, outcomes):
    return sum(e["outcome"] in outcomes for e in made) / len(made)


def disconnects(month):
    spoke = {e["account"] for e in month if e["kind"] in (CALL, MESSAGE) and e["account"]}
    left = {e["account"] for e in month if e["kind"] == REMOVED and e["account"]}
    return len(spoke & left), len(spoke)


def disconnect_rate(month):
    gone, everybody = disconnects(month)
    return gone / everybody if everybody else None


def products(made):
    rows = []
    for product in {label(e["product"]) for e in made}:
        mine = [e for e in made if label(e["product"]) == product]
        if len(mine) >= 50:
            durations = [e["duration_us"] for e in mine]
            row = {"product": product, "calls": len(mine), "error_rate": rate(mine, (TOOL_ERROR, REQUEST_ERROR))}
            row |= {f"p{p}_ms": nearest_rank(durations, p) / 1000 for p in (50, 95, 99)}
            rows.append(row)
    return sorted(rows, key=lambda row: (-row["calls"], row["product"]))


def tools(made):
    if len(made) < 5:
        return []
    rows = []
    for tool in {label(e["tool"]) for e in made}:
        mine = [e for e in made if label(e["tool"]) == tool]
        rows.append(
            {
                "tool": tool,
                "calls": len(mine),
                "error_rate": rate(mine, (TOOL_ERROR, REQUEST_ERROR)),
                "tool_error_rate": rate(mine, (TOOL_ERROR,)),
            }
        )
    return sorted(rows, key=lambda row: (-row["calls"], row["tool"]))[:15]


def ledger(events):
    """What became of the events."""
    fates = Counter(fate(e) for e in events)
    return {
        "events": len(events),
        "events_counted": fates.pop("counted", 0),
        "events_synthetic": fates.pop("synthetic", 0),
        **{f"events_rejected_{reason}": count for reason, count in fates.items()},
    }
