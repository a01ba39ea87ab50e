"""Which process is it? Numbers are used again, so a number alone never says."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path


def started_at(pid: int) -> str | None:
    """A mark that differs between two processes of the same number; None when there is no such process."""
    status = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else f"{_boot()}/{fields[19]}"
    asked = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() or None


def is_running_in(pid: int, *, folder: Path) -> bool:
    """Whether the process of this number runs and works in (or was told about) `folder`."""
    if started_at(pid) is None:
        return False
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    asked = ["ps", "-o", "command=", "-p", str(pid)]
    return str(folder) in subprocess.run(asked, capture_output=True, text=True, check=False).stdout


def end(pid: int, mark: str, *, seconds: float = 10.0) -> bool:
    """Ends the process if it still is the one that had this mark: asked first, then killed. False if it was gone."""
    if started_at(pid) != mark:
        return False
    for sent, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sent)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if started_at(pid) != mark:
                return True
            time.sleep(0.05)  # a poll with a deadline
    return True


def _boot() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""
