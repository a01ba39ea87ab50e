"""Where things are kept, and which of those places an unprivileged account can reach.

PostgreSQL refuses to run as root. As root it therefore runs as an ordinary account, which must be able to walk to its
data and its programs. A folder below one that is closed to others (a clone in root's home) cannot be walked to, and
folders that are not ours are never opened up; what PostgreSQL needs is then kept in a folder of /var/lib instead.
"""

import hashlib
import os
import pwd
import tempfile
from pathlib import Path

from embedded.errors import EmbeddedError

_NAME = "directory-embedded"


def cache_folder() -> Path:
    """What all clones of this person share: downloaded programs. EMBEDDED_CACHE_DIR overrides it."""
    chosen = os.environ.get("EMBEDDED_CACHE_DIR")
    if chosen:
        return Path(chosen).resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / _NAME


def unprivileged_account() -> str | None:
    """The account PostgreSQL runs as: None means "as we are"; as root, one that exists on every system."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise EmbeddedError(
        "PostgreSQL cannot run as root, and there is no account 'postgres' or 'nobody' to run it as: add one."
    )


def is_reachable(path: Path) -> bool:
    """Whether every account may walk to `path`: each folder above it lets others through."""
    return all(parent.stat().st_mode & 0o001 for parent in path.absolute().parents)


def reachable(folder: Path, *, account: str | None) -> Path:
    """`folder` itself where `account` can walk to it, else a folder of its own below /var/lib that stands for it."""
    folder = folder.absolute()
    if account is None or is_reachable(folder):
        return folder
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return _shared_folder() / f"{folder.name}-{digest}"


def open_programs_folder() -> Path:
    """Where copies of programs are put that others must be able to run."""
    return _shared_folder() / "programs"


def own(folder: Path, *, account: str | None) -> None:
    """Makes `folder` and gives it to `account` alone."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if account is not None:
        entry = pwd.getpwnam(account)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def write_private(path: Path, content: str | bytes) -> None:
    """Writes a file that only its owner reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    handle, unfinished = tempfile.mkstemp(dir=path.parent)  # mkstemp makes it with mode 600
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(unfinished).replace(path)


def _shared_folder() -> Path:
    for above in (Path("/var/lib"), Path("/var/tmp")):  # noqa: S108 - the folder below it is root's and checked
        folder = above / _NAME
        try:
            folder.mkdir(mode=0o755, exist_ok=True)
        except OSError:
            continue
        status = folder.lstat()
        if status.st_uid == 0 and folder.is_dir() and not folder.is_symlink() and is_reachable(folder / "x"):
            return folder
    raise EmbeddedError(
        "Neither /var/lib nor /var/tmp takes a folder for PostgreSQL's data: run this as an ordinary user."
    )
