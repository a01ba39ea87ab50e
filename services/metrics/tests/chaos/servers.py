"""A broker and a database of the harness's own, with a door of its own for each process: a proxy that can be cut."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from embedded import ports
from embedded.errors import EmbeddedError
from embedded.kafka import KafkaServer
from embedded.places import reachable, unprivileged_account
from embedded.postgres import PostgresServer
from embedded.running import Server, start, stop, wait_until_up

from .moments import PostgresTap, Traps
from .tcp_proxy import TcpProxy

DOORS = ("one", "two", "collect", "compute", "recompute")
_TRIES = 20


class BrokerWithDoors(KafkaServer):
    """Tells whoever came through a door to come back through it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ports.any_free(), ports.any_free(), heap_megabytes=192)
        self.doors = {name: (ports.any_free(), ports.any_free()) for name in DOORS}

    def _settings(self) -> dict[str, str]:
        known = super()._settings()
        inside = "".join(f",{n.upper()}://127.0.0.1:{behind}" for n, (_, behind) in self.doors.items())
        outside = "".join(f",{n.upper()}://127.0.0.1:{front}" for n, (front, _) in self.doors.items())
        kinds = "".join(f",{n.upper()}:PLAINTEXT" for n in self.doors)
        return known | {
            "listeners": known["listeners"] + inside,
            "advertised.listeners": known["advertised.listeners"] + outside,
            "listener.security.protocol.map": known["listener.security.protocol.map"] + kinds,
        }


class Running:
    """A server that may be killed and comes back with its data."""

    def __init__(self, server: Server, output: Path) -> None:
        self.server, self.output = server, output
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers. One that was killed may leave children that are still ending: tries again."""
        for attempt in range(_TRIES):
            try:
                self.server.prepare()
                self._child = start(self.server, self.output)
                wait_until_up(self.server, self._child, self.output)
                return
            except EmbeddedError:
                if attempt == _TRIES - 1:
                    raise
                time.sleep(0.2)

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._child is not None and self._child.poll() is None

    def kill(self) -> None:
        """kill -9."""
        if self._child:
            self._child.kill()
            self._child.wait()

    def stop(self) -> None:
        """In good order."""
        if self._child:
            stop(self.server, self._child)


class Servers:
    """`with Servers() as servers:` both, and all doors."""

    def __enter__(self) -> "Servers":
        self.folder = Path(tempfile.mkdtemp(prefix="usage-chaos-"))
        self.folder.chmod(0o711)
        self.postgres_server = PostgresServer(self.folder / "postgres", ports.any_free())
        self.broker_server = BrokerWithDoors(self.folder / "kafka")
        self.postgres = Running(self.postgres_server, self.folder / "postgres.log")
        self.broker = Running(self.broker_server, self.folder / "kafka.log")
        self.traps = {name: Traps() for name in DOORS}
        self.to_postgres = {name: self._postgres_door(name) for name in DOORS}
        self.to_broker = {name: TcpProxy(front, behind) for name, (front, behind) in self.broker_server.doors.items()}
        try:
            self.postgres.start()
            self.broker.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for proxy in (*self.to_postgres.values(), *self.to_broker.values()):
            proxy.close()
        self.broker.stop()
        self.postgres.stop()
        shutil.rmtree(reachable(self.folder / "postgres", account=unprivileged_account()), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def bootstrap(self) -> str:
        """The broker without a proxy, for the harness itself."""
        return self.broker_server.bootstrap

    def keep_logs(self, folder: Path) -> None:
        """Copies what every process and server said."""
        folder.mkdir(parents=True, exist_ok=True)
        for log in self.folder.glob("*.log"):
            shutil.copy(log, folder)

    def deadlocks(self) -> int:
        """How many PostgreSQL has told of."""
        return self.postgres.output.read_text(errors="replace").count("deadlock detected")

    def _postgres_door(self, name: str) -> TcpProxy:
        return TcpProxy(ports.any_free(), self.postgres_server.port, lambda: PostgresTap(self.traps[name]))
