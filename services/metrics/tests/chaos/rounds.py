"""One round: send, disturb, heal, drain, compare."""

import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import grpc
from chassis.errors import DirectoryError
from chassis.rpc.client import channel
from directory.metrics.v1.usage_collector_pb2 import ReportRequest
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorStub
from sqlalchemy import text

from services.metrics.tests.records import message
from services.metrics.tests.test_oracle_on_the_database import publish

from .computations import check_snapshot
from .faults import Faults
from .round_traffic import RoundTraffic
from .schedule import BURSTS, WORKERS, Fault, Schedule
from .usage_topic import Sent
from .world import Stuck, World, until

_COLLECT_SECONDS = 40.0


class Round:
    """`run` raises AssertionError with everything that is not as it must be."""

    def __init__(self, world: World, schedule: Schedule) -> None:
        self._world, self._schedule = world, schedule
        self._chance = random.Random(f"round {schedule.seed}")
        self._traffic = RoundTraffic(
            schedule.seed, world.meanings, datetime.now(UTC), poison=schedule.poison, flood=schedule.flood
        )
        self._sending = threading.Lock()
        self._extra: list[list[Sent]] = []
        self._faults_over = threading.Event()
        self._failure: BaseException | None = None
        self.happened: list[Fault] = []

    def run(self) -> None:
        """
        1. Publish fresh servers, begin to send.
        2. Let the faults happen, one after the other.
        3. Heal everything: nobody is dead, frozen, cut off.
        4. Wait until everything is counted.
        5. Compare with what the topics hold, then the snapshot with the oracle.
        """
        world = self._world
        world.servers_of_round = [server.lower() for server in self._traffic.source.servers]
        with world.database.transaction() as uow:
            uow.execute(_UNPUBLISH)
            uow.commit()
        publish(world.database, self._traffic.source)
        threads = [threading.Thread(target=self._guarded, args=(work,)) for work in self._senders()]
        for thread in threads:
            thread.start()
        faults = Faults(world, self._traffic, self._chance, self._make_topic_anew)
        try:
            self.happened += [fault for fault in self._schedule.faults if faults.happen(fault)]
        finally:
            self._faults_over.set()
            self._heal()
            for thread in threads:
                thread.join()
        self._compare()

    def _senders(self) -> list[Callable[[], None]]:
        return [self._send, *([self._report] if self._schedule.reports else [])]

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self._failure = error

    def _send(self) -> None:
        waiting = self._traffic.bursts(BURSTS)
        while waiting or self._extra or not self._faults_over.is_set():
            with self._sending:
                burst = self._extra.pop() if self._extra else self._burst(waiting)
                self._world.send(burst)
            time.sleep(self._schedule.pace)

    def _burst(self, waiting: list[list[Sent]]) -> list[Sent]:
        return waiting.pop(0) if waiting and not self._traffic.days_apart else self._traffic.some()

    def _report(self) -> None:
        processes, door = self._world.processes, "collect"
        processes.start(door, "collect")
        until(lambda: processes.is_ready(door), lambda: f"collect is not ready: {processes.last_words(door)}")
        with channel(processes.address(door), "metrics", processes.certificates / "proxy") as connection:
            stub = UsageCollectorStub(connection)
            for number in range(1, self._schedule.reports + 1):
                producer, sequence, events = self._traffic.report(number)
                request = ReportRequest(producer_id=producer, sequence=sequence, events=map(message, events))
                if number == self._schedule.reports // 2:
                    self._disturb_collect()
                until(lambda: self._reported(stub, request), lambda: "no report is taken", _COLLECT_SECONDS)  # noqa: B023
        processes.kill(door)

    def _reported(self, stub: UsageCollectorStub, request: ReportRequest) -> bool:
        with self._sending:  # not while the topic is made anew: what it takes then may come to either
            try:
                answer = stub.Report(request)
            except (DirectoryError, grpc.RpcError):
                self._world.processes.start("collect", "collect")
                return False
        return bool(answer.accepted == len(request.events))

    def _disturb_collect(self) -> None:
        if self._chance.random() < 0.5:
            self._world.processes.kill("collect")
            self._world.processes.start("collect", "collect")
        else:
            self._world.servers.to_broker["collect"].cut()

    def _make_topic_anew(self) -> None:
        """Right after a burst that workers have read and not written; then some of it comes once more."""
        world = self._world
        with self._sending:
            world.learn_content()
            last = self._traffic.some()
            world.learn_acknowledged(world.send(last))
            world.make_topic_anew()
            self._extra.append(last)

    def _heal(self) -> None:
        world = self._world
        for name in world.servers.traps:
            world.servers.traps[name].set(None)
            world.servers.to_postgres[name].admit()
            world.servers.to_broker[name].admit()
        for server in (world.servers.postgres, world.servers.broker):
            if not server.is_alive:
                server.start()
        for worker in WORKERS:
            world.processes.signal(worker, signal.SIGCONT)
            world.processes.start(worker, "ingest")

    def _compare(self) -> None:
        world = self._world
        if self._failure:
            raise self._failure
        world.learn_content()
        try:
            world.drain()
        except Stuck as stuck:
            raise AssertionError("\n".join([str(stuck), *world.differences()[:20]])) from stuck
        if differences := world.differences():
            raise AssertionError("\n".join(differences[:20]))
        check_snapshot(world, self._traffic.source.published)
        world.await_workers()
        if differences := world.differences():
            raise AssertionError("\n".join(differences[:20]))


_UNPUBLISH = text("DELETE FROM servers")  # those of earlier rounds: the oracle knows this round's alone
