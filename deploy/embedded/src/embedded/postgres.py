"""An own PostgreSQL server: made, started as a child in the foreground, data kept through kill -9."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import psycopg

from embedded.errors import EmbeddedError
from embedded.identify import is_running_in
from embedded.places import own, reachable, unprivileged_account, write_private
from embedded.postgres_programs import programs_folder
from embedded.tether import tethered

_ADMINISTRATOR = "postgres"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",  # containers often have a /dev/shm of 64 MB
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For tests alone: nothing is forced to disk, so a power cut would lose data (a kill -9 of the server does not).
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB"}


class PostgresServer:
    """A server whose data live in `folder`; as root, run as an ordinary account (see embedded.places).

    `settings` are its own, in PostgreSQL's names, beside or instead of those above.
    """

    name = "postgres"
    stop_signal: int = signal.SIGINT  # "fast": sessions are ended, everything is written
    stop_seconds = 20.0

    def __init__(
        self, folder: Path, port: int, *, durable: bool = True, settings: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.port = port
        self._settings = {**_SETTINGS, **({} if durable else _NOT_DURABLE), **settings, "port": str(port)}
        self._account = unprivileged_account()
        self.folder = reachable(folder, account=self._account)
        self._data = self.folder / "data"
        self._password_file = self.folder / "password"

    def prepare(self) -> bool:
        """Makes the data folder once, and clears what a killed server left. Returns whether the folder is new.

        Raises EmbeddedError.
        """
        is_new = not (self._data / "PG_VERSION").exists()
        if is_new:
            self._make()
        self._check_version()
        self._forget_dead_server()
        return is_new

    def command(self) -> list[str]:
        """What runs the server in the foreground."""
        switches = [argument for name, value in self._settings.items() for argument in ("-c", f"{name}={value}")]
        server = [str(self._program("postgres")), "-D", str(self._data), *switches]
        return tethered(server, death_signal=self.stop_signal, account=self._account)

    def admin_url(self, database: str = "postgres") -> str:
        """The address with the administrator's name and password."""
        password = self._password_file.read_text().strip()
        return f"postgresql://{_ADMINISTRATOR}:{password}@127.0.0.1:{self.port}/{database}"

    def is_up(self) -> bool:
        """Whether a session can be opened now."""
        try:
            psycopg.connect(self.admin_url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _program(self, name: str) -> Path:
        return programs_folder(account=self._account) / name

    def _make(self) -> None:
        own(self.folder, account=self._account)
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        own(unfinished, account=self._account)
        write_private(self._password_file, secrets.token_urlsafe(24))
        offered = self.folder / "password.offered"
        write_private(offered, self._password_file.read_bytes())
        if self._account is not None:
            shutil.chown(offered, self._account)
        access = ["--auth=scram-sha-256", f"--username={_ADMINISTRATOR}", f"--pwfile={offered}"]
        layout = ["--locale=C", "--encoding=UTF8", "-k", "--no-sync", "-D", str(unfinished)]
        initdb = [str(self._program("initdb")), *access, *layout]
        done = subprocess.run(
            tethered(initdb, death_signal=signal.SIGKILL, account=self._account),
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"},
            capture_output=True,
            text=True,
            check=False,
        )
        offered.unlink()
        if done.returncode != 0:
            raise EmbeddedError(
                f"PostgreSQL's data folder could not be made: {done.stderr.strip() or done.stdout.strip()}"
            )
        unfinished.rename(self._data)

    def _check_version(self) -> None:
        made_by = (self._data / "PG_VERSION").read_text().strip()
        asked = [str(self._program("postgres")), "--version"]
        printed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
        present = next((word.split(".")[0] for word in printed if word[:1].isdigit()), "unknown")
        if present != made_by:
            raise EmbeddedError(
                f"The data in {self.folder} were made by PostgreSQL {made_by}, the programs are version {present}: "
                "set PG_BIN_DIR to that version, or empty the demo with `make demo-reset`."
            )

    def _forget_dead_server(self) -> None:
        """A pid file whose number now belongs to another program would keep PostgreSQL from starting, for ever."""
        pid_file = self._data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().split()[0])
        if is_running_in(pid, folder=self._data):
            raise EmbeddedError(f"PostgreSQL already runs on {self._data} (process {pid}): stop it first.")
        pid_file.unlink()
