"""What goes wrong, one method a kind. Each leaves its part healed, but for processes that the round starts again."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable

import psycopg

from . import computations
from .moments import Trap, cut
from .round_traffic import HOT_ACCOUNTS
from .schedule import WORKERS, Fault
from .world import World, until

# How long a trap waits for its moment.
_PATIENCE = 2.5
# The session of a worker that is frozen ends after 6 s.
_UNTIL_FORGOTTEN = 8.0


class Faults:
    """Makes faults happen in a world; `anew` makes the topic anew while nothing is sent."""

    def __init__(self, world: World, chance: random.Random, anew: Callable[[], None]) -> None:
        self._world, self._chance, self._anew = world, chance, anew
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
        code = self._processes.terminate(fault.door)
        if code:
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
        """Both workers run into a row that is locked, and go on at once: in another order, they meet head-on."""
        time.sleep(fault.wait)
        with psycopg.connect(self._world.database.url) as connection:
            server = self._chance.choice(self._world.servers_of_round)
            if self._chance.random() < 0.5:
                locked = connection.execute(_A_DAY, [server]).fetchall()
            else:
                locked = connection.execute(_AN_ACCOUNT, [server, self._chance.choice(HOT_ACCOUNTS)]).fetchall()
            deadline = time.monotonic() + _PATIENCE
            met = 0
            with psycopg.connect(self._servers.postgres_server.admin_url(), autocommit=True) as looking:
                while locked and met < len(WORKERS) and time.monotonic() < deadline:
                    met = looking.execute(_WAITING).fetchall()[0][0]
                    time.sleep(0.05)
            connection.rollback()
        return met == len(WORKERS)


_A_DAY = "SELECT 1 FROM usage_server_days WHERE server_id = %s ORDER BY day DESC LIMIT 1 FOR UPDATE"
_AN_ACCOUNT = "SELECT 1 FROM server_accounts WHERE server_id = %s AND account = %s FOR UPDATE"
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'metrics-ingest' AND wait_event_type = 'Lock'"
)
