"""Bringing every database and topic up to date before the services start."""

import hashlib
import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from embedded import log_files
from embedded.errors import EmbeddedError
from embedded.places import write_private

_SECONDS = 120
_REPOSITORY = Path(__file__).resolve().parents[4]

Command = tuple[list[str], dict[str, str]]


def due(services: Sequence[str], *, done: Path | None) -> list[str]:
    """The services whose code changed since their `migrate` ran last, as the file `done` remembers.

    None for `done` makes all of them due: where somebody else may have changed a database or the topics.
    """
    finished: dict[str, str] = json.loads(done.read_text()) if done is not None and done.exists() else {}
    return [service for service in services if finished.get(service) != _fingerprint(service)]


def migrate(services: Sequence[str], command_of: Callable[[str], Command], logs: Path, *, done: Path | None) -> None:
    """Runs `migrate` of these services, all at once, and notes that in `done`.

    Raises EmbeddedError with the last words of one that failed.
    """
    prints = {service: _fingerprint(service) for service in services}
    children = {service: _start(service, command_of(service), logs) for service in services}
    failed = [service for service, child in children.items() if not _succeeded(child)]
    if failed:
        log = logs / f"{failed[0]}-migrate.log"
        said = "\n".join(f"    {line}" for line in log_files.last_lines(log, 15))
        raise EmbeddedError(f"`{failed[0]} migrate` failed. The last lines of {log}:\n{said}")
    if done is not None:
        earlier = json.loads(done.read_text()) if done.exists() else {}
        write_private(done, json.dumps(earlier | prints))


def _start(service: str, command: Command, logs: Path) -> "subprocess.Popen[bytes]":
    arguments, environment = command
    log_file = logs / f"{service}-migrate.log"
    log_files.rotate(log_file)
    with log_file.open("ab") as log:
        return subprocess.Popen(
            arguments,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _succeeded(child: "subprocess.Popen[bytes]") -> bool:
    try:
        return child.wait(_SECONDS) == 0
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return False


def _fingerprint(service: str) -> str:
    """Changes with any file that could change what `migrate` does."""
    digest = hashlib.sha256()
    for source in (_REPOSITORY / "services" / service / "src", _REPOSITORY / "libs" / "chassis" / "src"):
        for file in sorted(source.rglob("*")):
            if file.suffix in (".py", ".ini", ".mako", ".sql") and file.is_file():
                digest.update(str(file.relative_to(_REPOSITORY)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
