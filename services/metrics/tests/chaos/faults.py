"""What goes wrong, one method a kind. Each leaves its part healed, but for processes that the round starts again."""

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable

import psycopg

from . import computations
from .moments import Trap, cut
from .round_traffic import RoundTraffic
from .schedule import WORKERS, Fault
from .world import World, until

# How long a trap waits for its moment.
_PATIENCE = 2.5
# The session of a worker that is frozen ends after 6 s.
_UNTIL_FORGOTTEN = 8.0
_BETWEEN_FLUSHES = 0.5


class Faults:
    """Makes faults happen in a world; `anew` makes the topic anew while nothing is sent."""

    def __init__(self, world: World, traffic: RoundTraffic, chance: random.Random, anew: Callable[[], None]) -> None:
        self._world, self._traffic, self._chance, self._anew = world, traffic, chance, anew
        self._processes, self._servers = world.processes, world.servers

    def happen(self, fault: Fault) -> bool:
        """Whether it happened: the moment that it waits for may not have come."""
        return bool(getattr(self, "_" + fault.kind.replace(" ", "_"))(fault))

    def _at_its_time(self, fault: Fault, work: Callable[[], None], patience: float = _PATIENCE) -> bool:
        """Runs `work` at the moment of the fault, in the thread that holds the bytes back, or after its time."""
        if not fault.moment:
            time.sleep(fault.wait)
            work()
            return True
        ended = threading.Event()

        def spring() -> None:
            try:
                with contextlib.suppress(psycopg.OperationalError):  # an earlier fault may still be on its way out
                    work()
            finally:
                ended.set()

        traps = self._servers.traps[fault.door]
        trap = Trap(fault.moment, fault.nth, spring)
        traps.set(trap)
        sprung = trap.sprung.wait(patience)
        traps.set(None)
        if sprung:
            ended.wait(patience + _UNTIL_FORGOTTEN)
        return sprung

    def _kill(self, fault: Fault) -> bool:
        pid = self._processes.pid(fault.door)

        def kill() -> None:
            self._processes.kill(fault.door)
            if fault.moment:
                cut()

        return self._at_its_time(fault, kill) and self._replace(fault, pid)

    def _terminate(self, fault: Fault) -> bool:
        time.sleep(fault.wait)
        was_up = self._processes.heeds_signals(fault.door)
        code = self._processes.terminate(fault.door)
        if code and (was_up or code != -signal.SIGTERM):
            self._world.faults.append(f"died: {fault.door} ended with {code} when it was asked to stop")
        self._processes.start(fault.door, "ingest")
        return True

    def _replace(self, fault: Fault, pid: int) -> bool:
        self._world.topic.evict([pid])
        time.sleep(fault.hold / 2)
        self._processes.start(fault.door, "ingest")
        return True

    def _freeze(self, fault: Fault) -> bool:
        """A zombie: its peer has its partitions and counts their records before it wakes up."""

        def freeze() -> None:
            self._processes.signal(fault.door, signal.SIGSTOP)
            self._world.topic.evict([self._processes.pid(fault.door)])
            self._await_the_peer(0.8 + fault.hold)
            self._processes.signal(fault.door, signal.SIGCONT)

        return self._at_its_time(fault, freeze)

    def _freeze_until_forgotten(self, fault: Fault) -> bool:
        time.sleep(fault.wait)
        self._processes.signal(fault.door, signal.SIGSTOP)
        time.sleep(_UNTIL_FORGOTTEN)
        self._processes.signal(fault.door, signal.SIGCONT)
        return True

    def _await_the_peer(self, seconds: float) -> None:
        before, deadline = self._world.offsets(), time.monotonic() + seconds
        while time.monotonic() < deadline:
            now = self._world.offsets()
            if sum(now[p] > before.get(p, 0) for p in now) == len(now):
                return
            time.sleep(0.05)

    def _cut_database(self, fault: Fault) -> bool:
        door = self._servers.to_postgres[fault.door]

        def strike() -> None:
            door.refuse()
            threading.Timer(fault.hold / 2, door.admit).start()
            if fault.moment:
                cut()

        return self._at_its_time(fault, strike)

    def _lose_answer(self, fault: Fault) -> bool:
        """PostgreSQL has committed and said so; nobody hears it."""
        return self._at_its_time(fault, cut)

    def _hold(self, fault: Fault) -> bool:
        return self._at_its_time(fault, lambda: time.sleep(fault.hold))

    def _cut_broker(self, fault: Fault) -> bool:
        door = self._servers.to_broker[fault.door]
        time.sleep(fault.wait)
        door.refuse()
        time.sleep(fault.hold)
        door.admit()
        return True

    def _kill_backend(self, fault: Fault) -> bool:
        """PostgreSQL takes the death of one of its processes for a crash: it ends them all and recovers."""

        def kill() -> None:
            with psycopg.connect(self._servers.postgres_server.admin_url()) as connection:
                pids = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE application_name = 'metrics-ingest' AND state <> 'idle'"
                ).fetchall()
            if pids:
                os.kill(self._chance.choice(pids)[0], signal.SIGKILL)

        happened = self._at_its_time(fault, kill)
        time.sleep(0.1)
        until(self._servers.postgres_server.is_up, lambda: "PostgreSQL does not recover")
        return happened

    def _kill_postgres(self, fault: Fault) -> bool:
        happened = self._at_its_time(fault, self._servers.postgres.kill)
        if not self._servers.postgres.is_alive:
            time.sleep(fault.hold / 2)
            self._servers.postgres.start()
        return happened

    def _kill_broker(self, fault: Fault) -> bool:
        time.sleep(fault.wait)
        self._servers.broker.kill()
        time.sleep(fault.hold)
        self._servers.broker.start()
        return True

    def _make_topic_anew(self, fault: Fault) -> bool:
        time.sleep(fault.wait)
        self._anew()
        return True

    def _compute(self, fault: Fault) -> bool:
        return computations.disturbed(self._world, fault, self._at_its_time)

    def _crossroads(self, fault: Fault) -> bool:
        """Both workers come to the same rows and go on at once: in another order, they meet head-on."""
        time.sleep(fault.wait)
        return self._meet_at_a_day() | self._meet_at_accounts()

    def _meet_at_a_day(self) -> bool:
        """Both run into a day that is locked."""
        server = self._chance.choice(self._world.servers_of_round)
        with psycopg.connect(self._world.database.url) as holding:
            deadline = time.monotonic() + _PATIENCE
            while not holding.execute(_A_DAY, [server]).fetchall() and time.monotonic() < deadline:
                time.sleep(0.05)  # nobody wrote it yet
            met = self._both_wait()
            holding.rollback()
        return met

    def _meet_at_accounts(self) -> bool:
        """Both run into an account that somebody adds just now. Their days are apart: they would wait there already."""
        self._traffic.days_apart = True
        time.sleep(_BETWEEN_FLUSHES)
        shared = [self._chance.getrandbits(63) for _ in range(6)]
        with psycopg.connect(self._world.database.url) as holding:
            holding.execute(_AN_ACCOUNT, [self._chance.choice(self._world.servers_of_round), shared[0]])
            self._traffic.shared = shared
            met = self._both_wait()
            holding.rollback()
        self._traffic.days_apart, self._traffic.shared = False, ()
        return met

    def _both_wait(self) -> bool:
        deadline = time.monotonic() + _PATIENCE
        with psycopg.connect(self._servers.postgres_server.admin_url(), autocommit=True) as looking:
            while looking.execute(_WAITING).fetchall()[0][0] < len(WORKERS):
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.05)
        return True


_A_DAY = "SELECT 1 FROM usage_server_days WHERE server_id = %s ORDER BY day DESC LIMIT 1 FOR UPDATE"
_AN_ACCOUNT = (
    "INSERT INTO server_accounts (server_id, account, last_day, called, active, removed)"
    " VALUES (%s, %s, current_date, 0, 0, 0)"
)
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'metrics-ingest' AND wait_event_type = 'Lock'"
)
