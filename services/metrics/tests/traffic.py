"""Random traffic that seeks the borders: 5 and 50 calls, ties, 5 % disconnects, late and broken events."""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY_US = 86_400 * 10**6
PRODUCTS = ["claude_ai", "claude_desktop", "claude_code", "cowork"]
ERRORS = ["timeout", "-32602", "429", "tool_error", "", "", "ECONNRESET", "x" * 65]
STATUSES = [200, 200, 200, 0, 400, 404, 429, 499, 500, 503, 599, 600, 302]
ODD_TOOLS = ["", "y" * 64, "z" * 65, "línea", "tab\there", "nul\x00", "other"]


@dataclass(frozen=True)
class Shape:
    """What hypothesis chooses."""

    seed: int
    servers: int
    scale: int


class Traffic:
    """Events of one run; `now` is when they arrive."""

    def __init__(self, shape: Shape, now: datetime) -> None:
        self.random = random.Random(shape.seed)
        self.now_us = int(now.timestamp() * 10**6)
        self.today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.servers = [str(uuid.UUID(int=self.random.getrandbits(128))) for _ in range(shape.servers)]
        self.published = [s for s in self.servers if self.random.random() < 0.85]
        self.scale = shape.scale

    def first(self):
        """The bulk, mostly in order of days."""
        events = []
        for number, server in enumerate(self.servers):
            profiles = (
                *(self.borders, self.growing, self.leaving, self.mixed, self.silent, self.mixed, self.growing),
                *(self.brief, self.lonely),
            )
            events += profiles[(number + self.random.randrange(len(profiles))) % len(profiles)](server)
        self.random.shuffle(events)
        return events

    def late(self):
        """Some more for days that were computed already, and some that are refused."""
        events = []
        for server in self.random.sample(self.servers, max(1, len(self.servers) // 2)):
            for _ in range(self.random.randrange(1, 8)):
                events.append(self.event(server, self.random.choice([1, 2, 3, 8, 20, 33, 34])))
        for _ in range(5):
            events.append(self.event(self.random.choice(self.servers), 36))
            events.append(self.event(self.random.choice(self.servers), 0, time_us=self.now_us + 11 * 60 * 10**6))
            events.append(self.event(self.random.choice(self.servers), 0, time_us=self.now_us + 60 * 10**6))
            events.append(self.event("not-a-server", 1))
            events.append(self.event(self.random.choice(self.servers), 1, kind=self.random.choice([0, 4, 9])))
            events.append(self.event(self.random.choice(self.servers), 1, outcome=self.random.choice([0, 5])))
            events.append(self.event(self.random.choice(self.servers).upper(), 1))
        self.random.shuffle(events)
        return events

    def to_the_microsecond(self):
        """Just old enough, just too old; just not, just too far ahead. Only where the time of arrival is known."""
        five_minutes = 5 * 60 * 10**6
        return [
            self.event(self.random.choice(self.servers), 1, time_us=self.now_us + distance, kind=kind, outcome=1)
            for distance in (-35 * DAY_US, -35 * DAY_US - 1, five_minutes, five_minutes + 1)
            for kind in (1, 2)
        ]

    def event(self, server, age, **given):
        kind = given.get("kind", self.random.choices([1, 2, 3], [8, 2, 0.3])[0])
        call = kind == 1
        outcome = self.random.choices([1, 2, 3, 4], [7, 1, 1, 0.5])[0] if call else 0
        start = self.today - timedelta(days=age)
        span = DAY_US if age else max(1, self.now_us - int(self.today.timestamp() * 10**6))
        made = {
            "kind": kind,
            "time_us": int(start.timestamp() * 10**6) + self.random.choice([0, span - 1, self.random.randrange(span)]),
            "server_id": server,
            "product": self.random.choice(PRODUCTS) if self.random.random() < 0.95 else "",
            "tool": self.tool() if call else "",
            "account": self.random.choice([0, *range(1, 40)]) * 0x9E3779B97F4A7C15 % 2**64,
            "outcome": outcome,
            "error_type": self.random.choice(ERRORS) if outcome in (2, 3) else "",
            "http_status": self.random.choice(STATUSES) if call else 0,
            "duration_us": self.duration() if call else 0,
            "synthetic": self.random.random() < 0.03,
            "arrived_us": self.now_us,
        }
        return made | given

    def tool(self):
        if self.random.random() < 0.04:
            return self.random.choice(ODD_TOOLS)
        return f"tool_{min(int(self.random.expovariate(0.15)), 25)}"

    def duration(self):
        if self.random.random() < 0.05:
            return self.random.choice([0, 1, 2, 1000, 2**20, 10**9, 2**40])
        return int(self.random.lognormvariate(11, 1.5))

    def exactly(self, server, age, count, **given):
        return [self.event(server, age, kind=1, synthetic=False, **given) for _ in range(count)]

    def borders(self, server):
        """Around 5 calls a day, week and month; around 50 calls of a product; ties of tools and errors."""
        events = self.exactly(server, 1, self.random.choice([3, 4, 5, 6]))
        events += self.exactly(server, self.random.choice([7, 8]), self.random.choice([0, 1, 2]))
        events += self.exactly(server, self.random.choice([30, 31]), self.random.choice([0, 1, 2]))
        for product in PRODUCTS[: self.random.randrange(3)]:
            events += self.exactly(server, 7, self.random.choice([48, 49, 50, 51]), product=product)
        return events

    def growing(self, server):
        """20 users or so this week, some of them the week before, so that growth ties."""
        users, before = self.random.choice([19, 20, 21, 30]), self.random.choice([0, 10, 20, 21, 30])
        events = [self.event(server, 1 + n % 7, kind=1, account=n + 1, synthetic=False) for n in range(users)]
        return events + [self.event(server, 8 + n % 7, kind=1, account=n + 1, synthetic=False) for n in range(before)]

    def leaving(self, server):
        """20 accounts or so, of which about 5 % leave; some leave without having said anything."""
        accounts, leaving = self.random.choice([19, 20, 21, 40]), self.random.choice([0, 1, 2, 3])
        kinds = [1, 1, 2]
        events = [
            self.event(
                server,
                self.random.choice([1, 5, 29, 30]),
                kind=self.random.choice(kinds),
                account=n + 1,
                synthetic=False,
            )
            for n in range(accounts)
        ]
        events += [
            self.event(server, self.random.choice([1, 3, 30, 31]), kind=3, account=n + 1, synthetic=False)
            for n in range(leaving)
        ]
        return events + [self.event(server, 2, kind=3, account=1000 + n, synthetic=False) for n in range(2)]

    def brief(self, server):
        """Too few calls to be shown, from more users than a lonely server has: a place that is taken unseen."""
        return [self.event(server, 2, kind=1, account=n + 1, synthetic=False) for n in range(4)]

    def lonely(self, server):
        return self.exactly(server, 2, 6, account=self.random.choice([0, 1]))

    def mixed(self, server):
        ages = [1, 2, 3, 6, 7, 8, 13, 14, 15, 29, 30, 31, 34, 0]
        count = self.random.randrange(1, 40 * self.scale)
        return [self.event(server, self.random.choice(ages)) for _ in range(count)]

    def silent(self, server):
        """Messages alone, or nothing."""
        return [self.event(server, 1 + n % 5, kind=2, synthetic=False) for n in range(self.random.choice([0, 3]))]
