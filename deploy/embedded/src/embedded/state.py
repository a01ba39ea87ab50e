"""The state folder: what runs, where it answers, and the lock that says a supervisor is at work."""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from embedded import identify
from embedded.errors import EmbeddedError
from embedded.places import reachable, unprivileged_account, write_private


@dataclass
class Running:
    """One process as the state file tells it."""

    name: str
    pid: int | None
    mark: str | None
    starts: int
    failures: int


@dataclass
class Report:
    """The content of the state file. phase: starting, ready, stopping, stopped, failed."""

    phase: str
    supervisor: tuple[int, str] | None = None
    processes: list[Running] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    readiness: dict[str, str] = field(default_factory=dict)


class State:
    """Everything the demo keeps, in one folder (./.local)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.logs = self.folder / "logs"
        self.secrets = self.folder / "secrets"
        self.certificates = self.folder / "certificates"
        self.postgres = self.folder / "postgres"
        self.kafka = self.folder / "kafka"
        self.mails = self.folder / "mails"
        self.ports = self.folder / "ports.json"
        self.plan = self.folder / "plan.json"
        self.migrated = self.folder / "migrated.json"
        self.seeded = self.folder / "seeded"
        self.set_up_log = self.logs / "set-up.log"
        self._report = self.folder / "state.json"
        self._lock = self.folder / "lock"

    def make(self) -> None:
        """The folder itself: others may walk through (PostgreSQL's account must), but see only what is opened."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)
        for private in (self.logs, self.secrets, self.certificates, self.mails):
            private.mkdir(exist_ok=True)
            private.chmod(0o700)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """The right to run processes here. Raises EmbeddedError when somebody else has it."""
        self.make()
        with self._lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise EmbeddedError("The system already runs: `make demo-down` stops it.") from None
            yield

    def is_held(self) -> bool:
        """Whether a supervisor is at work here."""
        if not self._lock.exists():
            return False
        with self._lock.open("r") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def read(self) -> Report:
        """What the supervisor wrote last."""
        try:
            content = json.loads(self._report.read_text())
        except (OSError, ValueError):
            return Report("stopped")
        content["processes"] = [Running(**one) for one in content["processes"]]
        if content["supervisor"]:
            content["supervisor"] = tuple(content["supervisor"])
        return Report(**content)

    def write(self, report: Report) -> None:
        """Replaces what was written before, whole."""
        write_private(self._report, json.dumps(asdict(report), indent=1))

    def end_left_over(self) -> list[str]:
        """Ends processes of a supervisor that was killed; their names. The lock must be held."""
        report = self.read()
        left = [one for one in reversed(report.processes) if one.pid and one.mark]
        return [one.name for one in left if identify.end(one.pid or 0, one.mark or "")]

    def forget_done(self) -> None:
        """Lets migrations and example data be done again."""
        self.migrated.unlink(missing_ok=True)
        self.seeded.unlink(missing_ok=True)

    def delete(self) -> None:
        """Removes everything, also what had to be kept elsewhere."""
        shutil.rmtree(reachable(self.postgres, account=unprivileged_account()), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def myself() -> tuple[int, str]:
    """This process, so that another one can recognise it."""
    return os.getpid(), identify.started_at(os.getpid()) or ""
