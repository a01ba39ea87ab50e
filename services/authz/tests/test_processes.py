"""authz as processes of its own: migrate, serve and work, and its events on Kafka."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from authz import wiring
from authz.__main__ import main
from click.testing import CliRunner
from directory.authz.v1 import organization_events_pb2 as events
from directory.authz.v1 import organization_pb2 as contract
from embedded import ports
from kafka import KafkaConsumer


@pytest.fixture(scope="module")
def environ(
    kafka: str,
    new_database: Callable[[str], str],
    fresh_topics: Callable[..., None],
    certificates: Path,
    grant_keys: Any,
) -> dict[str, str]:
    fresh_topics(wiring.TOPICS)
    return {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "development",
        "TLS_DIR": str(certificates / "authz"),
        "GRANT_KEYS_FILE": str(grant_keys.public_keys),
        "GRANT_SIGNING_KEY_FILE": str(grant_keys.signing_key),
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "DATABASE_URL_AUTHZ": new_database("authz"),
        "GRPC_LISTEN": f"127.0.0.1:{ports.any_free()}",
    }


def command(environ: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "authz", *arguments], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def operate(environ: dict[str, str], *arguments: str) -> str:
    done = CliRunner().invoke(main, arguments, env={"DATABASE_URL_AUTHZ": environ["DATABASE_URL_AUTHZ"]})
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


@contextmanager
def process(environ: dict[str, str], name: str, eventually: Callable[..., Any]) -> Iterator[None]:
    listen = f"127.0.0.1:{ports.any_free()}"
    command = [sys.executable, "-m", "authz", name]
    with subprocess.Popen(command, env=environ | {"PROMETHEUS_LISTEN": listen}) as started:
        try:
            eventually(lambda: ready(listen))
            yield
            started.send_signal(signal.SIGTERM)
            assert started.wait(20) == 0
        finally:
            started.kill()


def ready(listen: str) -> bool:
    try:
        with urlopen(f"http://{listen}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except URLError:
        return False


def received(kafka: str) -> list[tuple[str, events.OrganizationEvent]]:
    consumer = KafkaConsumer(
        "directory.authz.v1", bootstrap_servers=kafka, auto_offset_reset="earliest", consumer_timeout_ms=1_000
    )
    try:
        return [(record.key.decode(), events.OrganizationEvent.FromString(record.value)) for record in consumer]
    finally:
        consumer.close()


def test_migrations_serving_and_relaying(environ: dict[str, str], kafka: str, eventually: Callable[..., Any]) -> None:
    command(environ, "migrate")
    organization_id = operate(environ, "org", "create", "Acme", "--plan", "team", "--primary-owner", "o@acme.example")
    with process(environ, "serve", eventually), process(environ, "work", eventually):
        operate(environ, "org", "plan", "Acme", "enterprise")
        operate(environ, "staff", "add", "rosa@directory.example")
        found = eventually(lambda: (seen := received(kafka)) and len(seen) >= 4 and seen, timeout=30)
    of_acme = [event for key, event in found if key == organization_id]
    assert [event.WhichOneof("event") for event in of_acme] == [
        "organization_changed",
        "member_changed",
        "organization_changed",
    ]
    assert [of_acme[at].organization_changed.organization.plan for at in (0, 2)] == [
        contract.PLAN_TEAM,
        contract.PLAN_ENTERPRISE,
    ]
    assert all(event.organization_id == organization_id and event.event_id for event in of_acme)
    ((key, staff),) = [entry for entry in found if entry[0] != organization_id]
    assert (key, staff.organization_id) == (staff.staff_changed.person_id, "")
    assert staff.staff_changed.staff_role == contract.STAFF_ROLE_REVIEWER


def test_missing_settings_are_named_and_no_values_shown() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "authz", "serve"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    for name in ("TLS_DIR", "GRANT_KEYS_FILE", "DATABASE_URL_AUTHZ", "GRANT_SIGNING_KEY_FILE"):
        assert f"{name} is not set." in done.stderr


def test_help_and_keys_need_no_database(tmp_path: Path) -> None:
    def said(*arguments: str) -> str:
        files = {
            "DATABASE_URL_AUTHZ": None,
            "GRANT_SIGNING_KEY_FILE": str(tmp_path / "signing.json"),
            "GRANT_KEYS_FILE": str(tmp_path / "keys.json"),
        }
        done = CliRunner().invoke(main, arguments, env=files)
        assert done.exit_code == 0, done.output
        return done.stdout.strip()

    assert "rotate" in said("keys", "--help")
    assert "--primary-owner" in said("org", "create", "--help")
    assert said("keys", "create") == "Made."
    assert said("keys", "create") == "Both files exist already."
    assert said("keys", "rotate")
