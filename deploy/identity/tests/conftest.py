import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from embedded.ports import any_free

REDIRECT_URI = "http://127.0.0.1:8080/sign-in/callback"


@dataclass(frozen=True)
class RunningProvider:
    url: str
    environ: dict[str, str]
    issuer: str = "http://identity.example:8090"
    client_id: str = "directory"
    client_secret: str = "not a secret"
    redirect_uri: str = REDIRECT_URI


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert process.poll() is None, "the provider ended"
        try:
            httpx.get(f"{url}/readyz", timeout=1).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the provider did not become ready")


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("identity")
    people = [
        {"email": "Olivia@acme.example", "name": "Olivia Owner", "note": "Owner of Acme (Enterprise)"},
        {"email": "rosa@directory.example", "name": "Rosa <Reviewer>", "note": "Reviewer"},
    ]
    (folder / "people.json").write_text(json.dumps(people))
    return {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "development",
        "IDENTITY_LISTEN": f"127.0.0.1:{any_free()}",
        "IDENTITY_ISSUER": "http://identity.example:8090",
        "IDENTITY_PEOPLE": str(folder / "people.json"),
        "IDENTITY_CLIENT_ID": "directory",
        "IDENTITY_CLIENT_SECRET": "not a secret",
        "IDENTITY_REDIRECT_URIS": f"{REDIRECT_URI}, https://other.example/callback",
        "IDENTITY_KEY_FILE": str(folder / "keys" / "identity_key.json"),
    }


@pytest.fixture(scope="module")
def provider(environ: dict[str, str]) -> Iterator[RunningProvider]:
    process = subprocess.Popen([sys.executable, "-m", "identity", "serve"], env=environ)
    url = f"http://{environ['IDENTITY_LISTEN']}"
    try:
        wait_until_ready(url, process)
        yield RunningProvider(url=url, environ=environ)
    finally:
        process.terminate()
        assert process.wait(timeout=15) == 0
