"""The processes as a supervisor runs them."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chassis.kafka.topics import TopicAdmin
from embedded import ports
from listings import wiring
from listings.settings import Settings

NEEDS_KAFKA = True


@pytest.fixture
def environment(directory: Any, certificates: Path) -> dict[str, str]:
    settings: Settings = directory.settings
    return {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "development",
        "GRPC_LISTEN": f"127.0.0.1:{ports.any_free()}",
        "PROMETHEUS_LISTEN": f"127.0.0.1:{ports.any_free()}",
        "TLS_DIR": str(certificates / "listings"),
        "GRANT_KEYS_FILE": str(settings.grant_keys_file),
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "DATABASE_URL_LISTINGS": settings.database_url,
    }


def test_migrate_can_run_again(directory: Any, fresh_topics: Callable[..., None]) -> None:
    fresh_topics([wiring.TOPIC])
    wiring.migrate(directory.settings)
    with TopicAdmin(directory.settings.kafka_bootstrap_servers) as admin:
        first = admin.ids([wiring.TOPIC.name])
        wiring.migrate(directory.settings)
        assert admin.ids([wiring.TOPIC.name]) == first
    assert set(first) == {"directory.listings.v1"}


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_process_gets_ready_and_ends_cleanly(command: str, environment: dict[str, str], eventually: Any) -> None:
    ready = f"http://{environment['PROMETHEUS_LISTEN']}/readyz"
    with subprocess.Popen(
        [sys.executable, "-m", "listings", command], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            eventually(lambda: urllib.request.urlopen(ready, timeout=1).status == 200)
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0, output
    assert environment["DATABASE_URL_LISTINGS"] not in output


def test_missing_settings_are_named(environment: dict[str, str]) -> None:
    del environment["DATABASE_URL_LISTINGS"]
    done = subprocess.run(
        [sys.executable, "-m", "listings", "serve"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "DATABASE_URL_LISTINGS is not set." in done.stderr
