"""The processes as a supervisor runs them."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from embedded import ports
from notifications import wiring
from notifications.settings import Settings

NEEDS_KAFKA = True


@pytest.fixture
def environment(directory: Any, certificates: Path) -> dict[str, str]:
    settings: Settings = directory.settings
    return {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "development",
        "GRPC_LISTEN": f"127.0.0.1:{ports.any_free()}",
        "PROMETHEUS_LISTEN": f"127.0.0.1:{ports.any_free()}",
        "TLS_DIR": str(certificates / "notifications"),
        "GRANT_KEYS_FILE": str(settings.grant_keys_file),
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "DATABASE_URL_NOTIFICATIONS": settings.database_url,
        "SEALING_KEYS": settings.sealing_keys.get_secret_value(),
        "AUTHZ_ADDRESS": settings.authz_address,
        "PUBLIC_URL": settings.public_url,
        "SMTP_HOST": settings.smtp_host,
        "SMTP_SECURITY": settings.smtp_security,
        "MAIL_FROM": settings.mail_from,
        "WEBHOOK_ALLOWED_NETWORKS": settings.webhook_allowed_networks,
    }


def test_migrate_can_run_again(directory: Any) -> None:
    for _ in range(2):
        wiring.migrate(directory.settings)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SMTP_USERNAME": "directory"}, "SMTP_USERNAME is wrong"),
        ({"MAIL_FROM": "nobody"}, "MAIL_FROM is wrong"),
        ({"SEALING_KEYS": "short"}, "SEALING_KEYS is wrong"),
        ({"ENVIRONMENT": "production"}, "WEBHOOK_ALLOWED_NETWORKS is wrong"),
    ],
)
def test_settings_that_are_not_safe_stop_the_process(
    environment: dict[str, str], changes: dict[str, str], sentence: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "notifications", "work"],
        env=environment | changes,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert sentence in done.stderr


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_process_gets_ready_and_ends_cleanly(command: str, environment: dict[str, str], eventually: Any) -> None:
    ready = f"http://{environment['PROMETHEUS_LISTEN']}/readyz"
    with subprocess.Popen(
        [sys.executable, "-m", "notifications", command], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            eventually(lambda: urllib.request.urlopen(ready, timeout=1).status == 200)
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0, output
    assert environment["DATABASE_URL_NOTIFICATIONS"] not in output


def test_missing_settings_are_named(environment: dict[str, str]) -> None:
    del environment["DATABASE_URL_NOTIFICATIONS"]
    done = subprocess.run(
        [sys.executable, "-m", "notifications", "serve"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "DATABASE_URL_NOTIFICATIONS is not set." in done.stderr
