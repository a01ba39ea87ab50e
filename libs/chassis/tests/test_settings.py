import json
import logging
from types import SimpleNamespace

import pytest
from chassis import logs, request_id
from chassis.settings import DevelopmentNetworks, ServiceSettings, load, split_listen
from pydantic import SecretStr


class Settings(ServiceSettings):
    database_url_things: SecretStr
    workers: int = 3
    things_networks: DevelopmentNetworks = ""


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    for name in (
        "ENVIRONMENT",
        "SECRETS_DIR",
        "DATABASE_URL_THINGS",
        "WORKERS",
        "LOG_FORMAT",
        "GRPC_LISTEN",
        "THINGS_NETWORKS",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("TLS_DIR", "tls"), ("GRANT_KEYS_FILE", "keys"), ("KAFKA_BOOTSTRAP_SERVERS", "k:1")):
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_settings_come_from_the_environment_and_secret_files(environment, tmp_path):
    (tmp_path / "database_url_things").write_text("postgresql://secret\n")
    environment.setenv("SECRETS_DIR", str(tmp_path))
    environment.setenv("WORKERS", "5")
    settings = load(Settings)
    assert settings.database_url_things.get_secret_value() == "postgresql://secret"
    assert (settings.workers, settings.environment, settings.grpc_listen) == (5, "production", "0.0.0.0:7000")


def test_each_bad_variable_gets_a_sentence_without_its_value(environment):
    environment.setenv("WORKERS", "tr0ub4dor")
    environment.delenv("TLS_DIR")
    with pytest.raises(SystemExit) as caught:
        load(Settings)
    text = str(caught.value)
    assert "DATABASE_URL_THINGS is not set." in text
    assert "TLS_DIR is not set." in text
    assert "WORKERS is wrong" in text
    assert "tr0ub4dor" not in text


def test_a_missing_secrets_folder_is_said(environment):
    environment.setenv("SECRETS_DIR", "nowhere")
    with pytest.raises(SystemExit, match="SECRETS_DIR"):
        load(Settings)


@pytest.mark.parametrize(
    ("kind", "networks", "wrong"),
    [
        ("development", "127.0.0.0/8, ::1/128", False),
        ("development", "localhost", True),
        ("production", "127.0.0.0/8", True),
        ("production", "", False),
    ],
)
def test_networks_are_opened_for_development_alone(environment, kind, networks, wrong):
    environment.setenv("DATABASE_URL_THINGS", "postgresql://secret")
    environment.setenv("ENVIRONMENT", kind)
    environment.setenv("THINGS_NETWORKS", networks)
    if not wrong:
        assert load(Settings).things_networks == networks
        return
    with pytest.raises(SystemExit, match="THINGS_NETWORKS is wrong"):
        load(Settings)


def test_listen_addresses():
    assert split_listen("127.0.0.1:80") == ("127.0.0.1", 80)
    assert split_listen("[::1]:80") == ("::1", 80)
    for wrong in ("80", ":80", "host:", "host:x"):
        with pytest.raises(ValueError, match=r".+"):
            split_listen(wrong)


def configure_logs():
    logs.configure("things", SimpleNamespace(log_format="json"))


def test_a_log_line_is_json_with_service_and_request_id(capsys):
    configure_logs()
    with request_id.bind("request-3"):
        logs.get_logger().info("published", listing_id="x\n{}")
    line = json.loads(capsys.readouterr().out)
    assert line["event"] == "published"
    assert (line["service"], line["request_id"], line["listing_id"]) == ("things", "request-3", "x\n{}")
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_libraries_log_in_the_same_shape_and_exceptions_are_one_line(capsys):
    configure_logs()
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("library").exception("broken %s", "thing")
    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["logger"]) == ("broken thing", "library")
    assert "ValueError: why" in line["exception"]


def test_request_ids_from_outside_are_kept_only_when_harmless():
    with request_id.bind("abc-1") as bound:
        assert bound == request_id.current() == "abc-1"
    for strange in ("", "a b", "x" * 65, 'a"\n'):
        with request_id.bind(strange) as bound:
            assert bound != strange
    assert request_id.current() == ""
