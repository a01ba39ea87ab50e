"""The life of the system on this machine, from the first step to the last stop."""

import json
import os
import signal
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

from embedded import ports
from embedded.databases import SERVICES as DATABASES
from embedded.databases import make_databases
from embedded.errors import EmbeddedError
from embedded.kafka import KafkaServer
from embedded.migrations import due, migrate
from embedded.postgres import PostgresServer
from embedded.processes import SERVERS, Plan, make_secrets, people_file, preferred_ports
from embedded.running import Server
from embedded.seeding import seed
from embedded.state import Report, Running, State, myself
from embedded.steps import say, step
from embedded.supervisor import Process, Supervised, Supervisor, explain

_START_SECONDS = 120.0
_ASK_EVERY = 0.2
_SAME_REQUEST = 1.0  # one Ctrl-C may arrive twice, from the terminal and from make; a second one later means "now"


class _StopAskedError(Exception):
    """Somebody asked for the end during set-up."""


class System:
    """One supervisor with everything it looks after. `run` is the whole story."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._phase = "starting"
        self._stop_asked: float | None = None
        self._supervisor = Supervisor(state.logs, tell=say, on_change=self._write)
        self._addresses: dict[str, str] = {}
        self._own_kafka = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "")
        self._own_databases = {
            service: os.environ[f"DATABASE_URL_{service.upper()}"]
            for service in DATABASES
            if os.environ.get(f"DATABASE_URL_{service.upper()}")
        }

    def run(self) -> None:
        """Starts everything, stays until SIGTERM or Ctrl-C, stops everything. Raises EmbeddedError.

        1. what a killed supervisor left is ended  2. keys, ports, data folders  3. servers
        4. databases, migrations  5. services  6. example data, once  7. the addresses, and staying
        """
        began = time.monotonic()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        with self._state.held():
            try:
                told_who = self._start()
                say(f"\nReady after {time.monotonic() - began:.0f} s.\n{self.greeting(people=not told_who)}")
                self._enter("ready")
                while self._stop_asked is None:
                    self._supervisor.step()
            except _StopAskedError:
                pass
            except BaseException:
                self._phase = "failed"
                raise
            finally:
                self._stop()

    def greeting(self, *, people: bool) -> str:
        """The addresses and, where it was not just told, who can sign in."""
        lines = [f"  {title:<10} {address}" for title, address in self._addresses.items()]
        if people:
            known = json.loads(people_file().read_text())
            width = max(len(person["email"]) for person in known)
            lines += ["  Sign in, without a password, as", *(f"    {p['email']:<{width}}  {p['note']}" for p in known)]
        return "\n".join(lines)

    def _start(self) -> bool:
        left = self._state.end_left_over()
        if left:
            say(f"  ended what an earlier run left: {', '.join(left)}")
        self._write()
        with step("Keys, certificates, ports"):
            make_secrets(self._state)
            chosen = ports.choose(preferred_ports(), remembered=self._state.ports)
        postgres, kafka = self._make_servers(chosen)
        with step("PostgreSQL"):
            if kafka is not None:
                self._supervisor.add(_supervised(kafka))
            if postgres is not None:
                self._supervisor.add(_supervised(postgres))
                self._wait_until_ready({postgres.name})
        plan = self._plan(postgres, kafka, chosen)
        self._addresses = {"Pages": plan.public_url, "API": f"{plan.public_url}/api/v1", "E-mails": plan.letterbox_url}
        self._start_services(plan, migrated=self._state.migrated if kafka and postgres else None)
        return seed(self._state, plan, while_waiting=self._step)

    def _make_servers(self, chosen: dict[str, int]) -> tuple[PostgresServer | None, KafkaServer | None]:
        postgres = kafka = None
        if len(self._own_databases) < len(DATABASES):
            postgres = PostgresServer(self._state.postgres, chosen["postgres"])
            if postgres.folder != self._state.postgres:
                say(f"  PostgreSQL's account cannot reach {self._state.folder}: its data are in {postgres.folder}")
        if not self._own_kafka:
            log_file = self._state.logs / "kafka-server.log"
            kafka = KafkaServer(self._state.kafka, chosen["kafka"], chosen["kafka-controller"], log_file=log_file)
        with step("Data folders of PostgreSQL and Kafka"), ThreadPoolExecutor(2) as pool:
            prepared = [pool.submit(server.prepare) for server in (postgres, kafka) if server is not None]
            are_new = [one.result() for one in prepared]
        if any(are_new):  # what was done with the old data says nothing
            self._state.forget_done()
        return postgres, kafka

    def _plan(self, postgres: PostgresServer | None, kafka: KafkaServer | None, chosen: dict[str, int]) -> Plan:
        addresses: dict[str, str] = {}
        if postgres is not None:
            addresses = make_databases(postgres.admin_url(), chosen["postgres"], self._state.secrets)
        bootstrap = kafka.bootstrap if kafka is not None else self._own_kafka
        plan = Plan(self._state, chosen, databases=addresses | self._own_databases, kafka=bootstrap)
        plan.remember()
        return plan

    def _start_services(self, plan: Plan, *, migrated: Path | None) -> None:
        """Processes that need no broker start while Kafka does, unless a migration must come before them."""
        done = None if self._own_databases else migrated
        waiting_for_migration = due(DATABASES, done=done)
        if not waiting_for_migration:
            self._add(plan.without_kafka())
        if not self._own_kafka:
            with step("Apache Kafka"):
                self._wait_until_ready({KafkaServer.name})
        if waiting_for_migration:
            with step(f"Migrations of {len(waiting_for_migration)} services"):
                migrate(waiting_for_migration, plan.migration, self._state.logs, done=done)
            self._add(plan.without_kafka())
        with step("Services"):
            self._add(plan.with_kafka())
            self._wait_until_ready(set(self._supervisor.all))

    def _add(self, processes: Sequence[Process]) -> None:
        for process in processes:
            self._supervisor.add(process)

    def _wait_until_ready(self, waiting: set[str]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        asked_at = 0.0
        while waiting:
            self._step()
            for one in self._supervisor.failing():
                raise EmbeddedError(f"The system does not start: {explain(one)}")
            if time.monotonic() - asked_at < _ASK_EVERY:
                continue
            reasons = {name: _why_not_ready(self._supervisor.all[name]) for name in sorted(waiting)}
            asked_at = time.monotonic()
            waiting = {name for name, reason in reasons.items() if reason}
            if waiting and asked_at > deadline:
                slow = "".join(f"\n    {name}: {reasons[name]}" for name in sorted(waiting))
                raise EmbeddedError(f"Not ready in {_START_SECONDS:g} s:{slow}\nThe logs are in {self._state.logs}.")

    def _step(self) -> None:
        self._supervisor.step()
        if self._stop_asked is not None:
            raise _StopAskedError

    def _stop(self) -> None:
        failed = self._phase == "failed"
        self._enter("failed" if failed else "stopping")
        if self._supervisor.all:
            with step("Stopping"):
                self._supervisor.stop()
        self._enter("failed" if failed else "stopped")

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._stop_asked is None:
            self._stop_asked = now
        elif now - self._stop_asked > _SAME_REQUEST:
            self._supervisor.is_hurried = True

    def _enter(self, phase: str) -> None:
        self._phase = phase
        self._write()

    def _write(self) -> None:
        processes = [
            Running(name, one.pid, one.mark, one.starts, one.failures) for name, one in self._supervisor.all.items()
        ]
        self._state.write(Report(self._phase, myself(), processes, self._addresses))


def _supervised(server: Server) -> Process:
    return Process(
        server.name,
        server.command(),
        {"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"},
        stage=SERVERS,
        stop_signal=server.stop_signal,
        stop_seconds=server.stop_seconds,
        why_not_ready=lambda: "" if server.is_up() else f"{server.name} takes no connections",
    )


def _why_not_ready(one: Supervised) -> str:
    return one.process.why_not_ready() if one.is_alive() else "it does not run"
