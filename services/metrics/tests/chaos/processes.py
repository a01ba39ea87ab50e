"""The service's processes under test, each through its own doors."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from embedded import ports
from embedded.certificates import make_certificates
from embedded.keys import account_key, make_grant_keys
from embedded.readiness import why_not_ok
from embedded.tether import tethered

from .servers import Servers

_MUTANTS = Path(__file__).with_name("mutant_worker.py")
_STOP_SECONDS = 20
_STALLED = "stand still"


class Processes:
    """Starts `python -m metrics ...`; remembers who is alive, and who ended without being killed."""

    def __init__(self, servers: Servers, database: str, *, mutant: str = "") -> None:
        self._servers, self._database, self._mutant = servers, database, mutant
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ports = {name: (ports.any_free(), ports.any_free()) for name in servers.to_postgres}
        self.certificates = servers.folder / "certificates"
        make_certificates(self.certificates, names=("metrics", "proxy"))
        self._secrets = servers.folder / "secrets"
        self._secrets.mkdir(exist_ok=True)
        make_grant_keys(self._secrets)
        self.ended: list[str] = []
        self.stalls = 0

    def start(self, name: str, *arguments: str) -> None:
        """Starts a process that does not run; `name` is its door."""
        if self.is_alive(name):
            return
        program = ["-m", "metrics"]
        if self._mutant and arguments[0] == "ingest":
            program = [str(_MUTANTS), self._mutant]
        command = [sys.executable, "-P", *program, *arguments]
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                tethered(command, death_signal=signal.SIGKILL),
                cwd="/", env=self._environment(name), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def is_alive(self, name: str) -> bool:
        """Whether it runs. One that ended by itself is remembered in `ended`."""
        child = self._running.get(name)
        if child is None:
            return False
        if (code := child.poll()) is None:
            return True
        del self._running[name]
        words = self.last_words(name)
        if code and _STALLED in words:  # it notices that its client stands still, and asks for another process
            self.stalls += 1
            self.start(name, "ingest")
            return True
        self.ended.append(f"{name} ended by itself with {code}: {words}")
        return False

    def is_ready(self, name: str) -> bool:
        """Whether it says so itself."""
        return self._says(name, "/readyz")

    def heeds_signals(self, name: str) -> bool:
        """Whether it is up, whatever the others are; one that still starts has nothing to hand over."""
        return self._says(name, "/healthz")

    def _says(self, name: str, path: str) -> bool:
        return self.is_alive(name) and not why_not_ok(f"http://127.0.0.1:{self._ports[name][1]}{path}")

    def pid(self, name: str) -> int:
        """Its number; 0 when it does not run."""
        return self._running[name].pid if name in self._running else 0

    def signal(self, name: str, number: int) -> None:
        """STOP or CONT."""
        if self.is_alive(name):
            self._running[name].send_signal(number)

    def kill(self, name: str) -> None:
        """kill -9."""
        if child := self._running.pop(name, None):
            child.kill()
            child.wait()

    def terminate(self, name: str) -> int | None:
        """Asks it to end; its exit code."""
        child = self._running.pop(name, None)
        if child is None:
            return None
        child.terminate()
        try:
            return child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()

    def wait(self, name: str, seconds: float) -> int | None:
        """The exit code of a process that ends by itself; None when it was killed meanwhile or takes too long."""
        child = self._running.get(name)
        if child is None:
            return None
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        return code if self._running.pop(name, None) else None

    def close(self) -> None:
        """Kills everything."""
        for name in list(self._running):
            self.kill(name)

    def log(self, name: str) -> Path:
        """Where it writes."""
        return self._servers.folder / f"{name}.log"

    def last_words(self, name: str, lines: int = 3) -> str:
        """The end of its log."""
        return " | ".join(self.log(name).read_text(errors="replace").splitlines()[-lines:])

    def address(self, name: str) -> str:
        """Where it serves gRPC."""
        return f"127.0.0.1:{self._ports[name][0]}"

    def _environment(self, name: str) -> Mapping[str, str]:
        grpc, prometheus = self._ports[name]
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR", "PYTHONPATH") if key in os.environ}
        return kept | {
            "ENVIRONMENT": "development",
            "TLS_DIR": str(self.certificates / "metrics"),
            "GRANT_KEYS_FILE": str(make_grant_keys(self._secrets).public_keys),
            "ACCOUNT_KEYS": account_key(self._secrets),
            "GRPC_LISTEN": f"127.0.0.1:{grpc}",
            "PROMETHEUS_LISTEN": f"127.0.0.1:{prometheus}",
            "OTLP_HTTP_LISTEN": "127.0.0.1:0",
            "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{self._servers.to_broker[name].port}",
            "DATABASE_URL_METRICS": through(self._database, self._servers.to_postgres[name].port),
            "FLUSH_SECONDS": "0.3",
            "FLUSH_EVENTS": "1000",
        }


def through(url: str, port: int) -> str:
    """The same database by another port of this machine."""
    head, _, tail = url.rpartition(":")
    return f"{head}:{port}/{tail.partition('/')[2]}"
