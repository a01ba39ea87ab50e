"""Apache Kafka's jars: resolved and downloaded by jgo once a machine user, accepted only with the committed sums."""

import fcntl
import hashlib
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from embedded.errors import EmbeddedError
from embedded.places import cache_folder

VERSION = "4.3.1"
_COORDINATES = (f"org.apache.kafka:kafka_2.13:{VERSION}", f"org.apache.kafka:kafka-tools:{VERSION}")
_SUMS = Path(__file__).with_name("kafka-jars.sha256")
_TRIES = 4
_SECONDS_A_TRY = 300
_LETTERS_SHOWN = 300

Tell = Callable[[str], None]


def expected_sums(listing: Path = _SUMS) -> dict[str, str]:
    """File name -> sha256, from lines `sha256  file`."""
    lines = (line.split() for line in listing.read_text().splitlines() if line.strip())
    return {name: digest for digest, name in lines}


def class_path(*, tell: Tell = lambda _: None) -> list[Path]:
    """Every jar, present and checked. Downloads them the first time. Raises EmbeddedError."""
    folder = cache_folder() / f"kafka-{VERSION}"
    expected = expected_sums()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"kafka-{VERSION}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test runs and a demo may want them at the same time
        if any(not (folder / name).exists() for name in expected):
            _download(folder, expected, tell)
    verify(folder, expected)
    return [folder / name for name in expected]


def verify(folder: Path, expected: dict[str, str]) -> None:
    """Raises EmbeddedError when a jar is missing or is not the one that was committed to."""
    for name, digest in expected.items():
        jar = folder / name
        if not jar.exists():
            raise EmbeddedError(
                f"Apache Kafka is incomplete: {name} is missing in {folder}. Delete that folder and try again."
            )
        found = hashlib.sha256(jar.read_bytes()).hexdigest()
        if found != digest:
            raise EmbeddedError(
                f"{jar} is not the file that was expected, so Apache Kafka is not started: its sha256 is {found}, "
                f"{_SUMS.name} says {digest}. Delete {folder} and try again; "
                "if that does not help, do not trust where it comes from."
            )


def _download(folder: Path, expected: dict[str, str], tell: Tell) -> None:
    """Tries several times, since networks fail; what an earlier try brought is kept, except a file with a wrong sum."""
    work = folder.with_name(folder.name + ".unfinished")
    trouble = ""
    for attempt in range(1, _TRIES + 1):
        if attempt > 1:
            tell(f"downloading Apache Kafka, try {attempt} of {_TRIES} ({trouble})")
            time.sleep(2 ** (attempt - 1))  # the pause between tries of a download
        printed = _resolve(work)
        jars = {jar.name: jar for jar in sorted((work / "jars").rglob("*.jar"))}
        wrong = [name for name in expected if name in jars and _sum(jars[name]) != expected[name]]
        missing = [name for name in expected if name not in jars]
        if not wrong and not missing:
            for name in expected:
                shutil.copy2(jars[name], folder / name)
            shutil.rmtree(work)
            return
        if wrong:
            shutil.rmtree(work)
            trouble = f"{wrong[0]} has another sha256 than {_SUMS.name} says"
        else:
            trouble = f"{len(missing)} of {len(expected)} files did not arrive{printed}"
    raise EmbeddedError(f"Apache Kafka could not be downloaded: {trouble}. Try again when the network is better.")


def _sum(jar: Path) -> str:
    return hashlib.sha256(jar.read_bytes()).hexdigest()


def _resolve(work: Path) -> str:
    """Runs jgo; returns what it said last when it failed, else nothing."""
    work.mkdir(parents=True, exist_ok=True)
    wanted = ", ".join(f'"{coordinate}"' for coordinate in _COORDINATES)
    (work / "jgo.toml").write_text(f'[environment]\nname = "kafka"\n[dependencies]\ncoordinates = [{wanted}]\n')
    kept = ["--cache-dir", str(work / "jars"), "--repo-cache", str(work / "repository"), "--links", "copy"]
    jgo = [
        sys.executable,
        "-m",
        "jgo",
        "--ignore-config",
        "--color",
        "plain",
        "--resolver",
        "python",
        "--timeout",
        "60",
    ]
    try:
        done = subprocess.run(
            [*jgo, *kept, "sync", "--force"],
            cwd=work,
            env=_trusting_the_system(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS_A_TRY,
        )
    except subprocess.TimeoutExpired:
        return f" in {_SECONDS_A_TRY} s"
    lines = (done.stdout + done.stderr).strip().splitlines()
    return f": {lines[-1].strip()[-_LETTERS_SHOWN:]}" if done.returncode != 0 and lines else ""


def _trusting_the_system() -> dict[str, str]:
    """jgo brings its own list of authorities; a company's network may have one that only the system knows."""
    known = (ssl.get_default_verify_paths().cafile, "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/cert.pem")
    bundle = next((path for path in known if path and Path(path).exists()), None)
    return ({"REQUESTS_CA_BUNDLE": bundle} if bundle else {}) | dict(os.environ)
