"""Operators find every setting in the documentation, and can give it to the containers."""

import importlib
from pathlib import Path

import pytest
import yaml
from chassis.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
SERVICES = ("authz", "submissions", "listings", "metrics", "notifications", "gateway")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
# Keys and the like of one service are files in its volume; where a container listens, `ports` says.
KEPT_IN_VOLUMES = {"SEALING_KEYS", "SESSION_KEY", "ACCOUNT_KEYS"}
LISTENING = {"GRPC_LISTEN", "HTTP_LISTEN", "OTLP_HTTP_LISTEN", "PROMETHEUS_LISTEN"}


def settings_of(service: str) -> set[str]:
    module = importlib.import_module(f"{service}.settings")
    own = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, ServiceSettings)]
    return {name.upper() for settings in own for name in settings.model_fields}


@pytest.mark.parametrize("service", SERVICES)
def test_each_setting_is_in_the_operations_page_or_the_services_own(service: str) -> None:
    pages = (ROOT / "docs/operations.md").read_text() + (ROOT / f"services/{service}/README.md").read_text()
    pages = pages.replace("<SERVICE>", service.upper())
    assert [name for name in sorted(settings_of(service)) if f"`{name}`" not in pages] == []


@pytest.mark.parametrize("service", SERVICES)
def test_compose_hands_on_each_setting(service: str) -> None:
    processes = [each for each in COMPOSE["services"].values() if each.get("image") == f"directory-{service}"]
    assert processes
    for process in processes:
        assert settings_of(service) - process["environment"].keys() - KEPT_IN_VOLUMES - LISTENING == set()


def test_what_lets_anybody_in_is_published_on_this_machine_alone() -> None:
    for name, service in COMPOSE["services"].items():
        ours = "127.0.0.1:" if name in ("identity", "letterbox") else "${LISTEN_ON:-127.0.0.1}:"
        assert all(port.startswith(ours) for port in service.get("ports", [])), name
