import json
import logging
import socket
from types import SimpleNamespace

import pytest
from chassis import logs, request_id, telemetry
from chassis.rpc.tls import FILES
from chassis.setting_types import DatabaseUrl, GrantSigningKeyFile, Listen, Peer, WebUrl, split_listen
from chassis.settings import DevelopmentNetworks, ServiceSettings, load


class Settings(ServiceSettings):
    database_url_things: DatabaseUrl
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
        "HTTP_LISTEN",
        "PEER_ADDRESS",
        "PUBLIC_URL",
        "KAFKA_SSL_CAFILE",
        "KAFKA_SSL_CERTFILE",
        "KAFKA_SSL_KEYFILE",
        "GRANT_SIGNING_KEY_FILE",
    ):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "tls"
    folder.mkdir()
    for name in FILES:
        (folder / name).touch()
    (tmp_path / "keys.json").write_text('{"keys": []}')
    places = {"TLS_DIR": str(folder), "GRANT_KEYS_FILE": str(tmp_path / "keys.json")}
    for name, value in {**places, "KAFKA_BOOTSTRAP_SERVERS": "k:1"}.items():
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
    for wrong in ("80", ":80", "host:", "host:x", "host:-1", "host:65536"):
        with pytest.raises(ValueError, match=r".+"):
            split_listen(wrong)


class Places(Settings):
    http_listen: Listen = "127.0.0.1:0"
    peer_address: Peer = "peer:7000"
    public_url: WebUrl = "https://directory.example.com"
    grant_signing_key_file: GrantSigningKeyFile | None = None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("HTTP_LISTEN", wrong) for wrong in ("", "8080", "0.0.0.0:", "0.0.0.0:http", "0.0.0.0:65536")),
        ("GRPC_LISTEN", "7000"),
        ("PROMETHEUS_LISTEN", "0.0.0.0:99999"),
        *(("PEER_ADDRESS", wrong) for wrong in ("", "authz", "authz:0", "http://authz")),
        *(("KAFKA_BOOTSTRAP_SERVERS", wrong) for wrong in ("", "kafka", "kafka:1,", "a:1,b")),
        *(("DATABASE_URL_THINGS", wrong) for wrong in ("", "db", "mysql://a@db/x", "postgresql://db:x/y")),
        ("DATABASE_URL_THINGS", "postgresql://a:tr0ub4dor@db:99999/y"),
        *(("PUBLIC_URL", wrong) for wrong in ("", "ftp://a", "https://", "https://a?b=c", "https://a:99999")),
        *((f"KAFKA_SSL_{part}FILE", "/nowhere/tr0ub4dor.pem") for part in ("CA", "CERT", "KEY")),
        *(("TLS_DIR", wrong) for wrong in ("/nowhere", "{folder}")),
        *(("GRANT_KEYS_FILE", wrong) for wrong in ("/nowhere", "{folder}", "{folder}/text", "{folder}/list")),
        *(("GRANT_SIGNING_KEY_FILE", wrong) for wrong in ("/nowhere", "{folder}/text", "{folder}/list")),
    ],
)
def test_what_cannot_be_is_named_before_the_process_starts(environment, tmp_path, name, value):
    (tmp_path / "text").write_bytes(b"tr0ub4dor \xff")
    (tmp_path / "list").write_text('["tr0ub4dor"]')
    environment.setenv("DATABASE_URL_THINGS", "postgresql://secret")
    load(Places)
    environment.setenv(name, value.format(folder=tmp_path))
    with pytest.raises(SystemExit) as caught:
        load(Places)
    said = str(caught.value)
    assert said.startswith(f"{name} is wrong: ")
    assert "\n" not in said
    assert "tr0ub4dor" not in said


def test_a_port_that_is_in_use_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SystemExit, match=f"^PROMETHEUS_LISTEN is wrong: nothing can listen at {address}"):
            telemetry.loop(address, dict)


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
