"""Keeps processes running: restarted with back-off, stopped in order, never left behind.

One thread does everything: `step` looks at each process once and is called a few times a second. That also matters to
the tether, which holds to the thread that started a child.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embedded import log_files
from embedded.identify import started_at

FIRST_DELAY = 0.2
LONGEST_DELAY = 10.0
STEADY_AFTER = 30.0  # seconds of life after which earlier failures are forgotten
WORRYING_FAILURES = 5
_STEP = 0.05
_ROTATE_EVERY = 5.0


@dataclass(frozen=True)
class Process:
    """What to run. `command` is the whole argument list, tether included; stages stop in descending order."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)  # it holds secrets
    stage: int = 1
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10.0
    why_not_ready: Callable[[], str] = lambda: ""  # asked while it lives


class Supervised:
    """One process through all its lives."""

    def __init__(self, process: Process, log_file: Path) -> None:
        self.process = process
        self.log_file = log_file
        self.failures = 0
        self.starts = 0
        self.mark: str | None = None
        self.last_exit: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """The number of the running child."""
        return self._child.pid if self._child is not None else None

    def step(self, now: float) -> bool:
        """Starts the child when it is time, notices its end. Returns whether anything changed."""
        if self._child is None:
            if now < self._not_before:
                return False
            self._start(now)
            return True
        code = self._child.poll()
        if code is None:
            if self.failures and now - self._started >= STEADY_AFTER:
                self.failures = 0
            return False
        self._ended(code, now)
        return True

    def signal(self, number: int, *, group: bool = False) -> None:
        """Sends a signal to the child, or to the child and all its children."""
        if self._child is None or self._child.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            (os.killpg if group else os.kill)(self._child.pid, number)

    def is_alive(self) -> bool:
        """Whether the child runs now; when it just ended, what it left is ended too."""
        if self._child is None:
            return False
        if self._child.poll() is None:
            return True
        self._end_left_over()
        self._child = None
        return False

    def _start(self, now: float) -> None:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:  # appending: the file may be cut short while it is written to
            self._child = subprocess.Popen(
                self.process.command,
                cwd="/",
                env=dict(self.process.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C at a terminal reaches the supervisor alone
            )
        self.mark = started_at(self._child.pid)
        self.starts += 1
        self._started = now

    def _ended(self, code: int, now: float) -> None:
        self._end_left_over()
        self._child = None
        self.last_exit = code
        self.failures = 1 if now - self._started >= STEADY_AFTER else self.failures + 1
        self._not_before = now + delay_after(self.failures)

    def _end_left_over(self) -> None:
        """Ends children of the child that outlived it: they hold its port."""
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)


def delay_after(failures: int) -> float:
    """Seconds to wait after this many failures in a row."""
    return min(FIRST_DELAY * 2.0 ** (failures - 1), LONGEST_DELAY)


class Supervisor:
    """All processes. `on_change` is called after any start or end; `tell` with sentences for a person."""

    def __init__(
        self, logs: Path, *, tell: Callable[[str], None] = print, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self._logs = logs
        self._tell = tell
        self._on_change = on_change
        self._rotate_at = 0.0
        self.is_hurried = False  # no patience any more: what still runs when stopping is killed
        self.all: dict[str, Supervised] = {}

    def add(self, process: Process) -> None:
        """Takes a process under supervision; the next step starts it."""
        self.all[process.name] = Supervised(process, self._logs / f"{process.name}.log")

    def step(self) -> None:
        """Looks after every process once, and waits a moment."""
        now = time.monotonic()
        changed = False
        for one in self.all.values():
            before = one.failures
            if one.step(now):
                changed = True
                if one.failures > before:
                    self._report(one)
        if changed:
            self._on_change()
        if now >= self._rotate_at:
            self._rotate_at = now + _ROTATE_EVERY
            for one in self.all.values():
                log_files.rotate(one.log_file)
        time.sleep(_STEP)

    def failing(self) -> list[Supervised]:
        """Those that end again and again."""
        return [one for one in self.all.values() if one.failures >= WORRYING_FAILURES]

    def stop(self) -> None:
        """Ends everything, stage by stage from the last: asked, and killed at the deadline."""
        for stage in sorted({one.process.stage for one in self.all.values()}, reverse=True):
            self._stop_stage([one for one in reversed(self.all.values()) if one.process.stage == stage])
        self.all.clear()
        self._on_change()

    def _stop_stage(self, members: Sequence[Supervised]) -> None:
        for one in members:
            one.signal(one.process.stop_signal)
        asked = time.monotonic()
        while alive := [one for one in members if one.is_alive()]:
            for one in alive:
                waited = time.monotonic() - asked
                if waited > one.process.stop_seconds or self.is_hurried:
                    self._tell(f"{one.process.name} did not stop in {waited:.0f} s and is killed")
                    one.signal(signal.SIGKILL, group=True)
            time.sleep(_STEP)

    def _report(self, one: Supervised) -> None:
        if one.failures == WORRYING_FAILURES:
            self._tell(explain(one))
        elif one.failures == 1:
            self._tell(f"{one.process.name} ended ({exit_words(one.last_exit)}) and is started again")


def explain(one: Supervised) -> str:
    """Why a process does not run, as far as its log tells."""
    said = "\n".join(f"    {line}" for line in log_files.last_lines(one.log_file, 15))
    return (
        f"{one.process.name} ended {one.failures} times in a row ({exit_words(one.last_exit)}). "
        f"The last lines of {one.log_file}:\n{said}"
    )


def exit_words(code: int | None) -> str:
    """An exit code of subprocess in words."""
    if code is None:
        return "it did not end"
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
