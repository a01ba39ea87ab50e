"""A broker that takes nobody without TLS and a password."""

import subprocess
import sys

import pytest
from chassis.kafka.connection import client_settings
from chassis.kafka.topics import Topic, TopicAdmin, ensure_topics
from chassis.settings import ServiceSettings, load
from embedded import ports
from embedded.certificates import make_certificates
from embedded.kafka import KafkaServer
from embedded.running import running
from kafka import KafkaConsumer, KafkaProducer


class GuardedServer(KafkaServer):
    """SASL_SSL with one account, `metrics`, beside the plain listener that the broker itself uses."""

    def guard(self, port, certificates):
        (self.folder / "broker.pem").write_text(
            (certificates / "metrics" / "key.pem").read_text() + (certificates / "metrics" / "cert.pem").read_text()
        )
        settings = self.folder / "server.properties"
        text = settings.read_text()
        listener = f"SASL_SSL://127.0.0.1:{port}"
        for name in ("listeners", "advertised.listeners"):
            text = text.replace(f"\n{name}=", f"\n{name}={listener},")
        text = text.replace("CONTROLLER:PLAINTEXT", "CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL")
        login = "org.apache.kafka.common.security.plain.PlainLoginModule required user_metrics"
        settings.write_text(
            f"{text}sasl.enabled.mechanisms=PLAIN\nssl.keystore.type=PEM\n"
            f"ssl.keystore.location={self.folder / 'broker.pem'}\n"
            f'listener.name.sasl_ssl.plain.sasl.jaas.config={login}="secret";\n'
        )

    def prepare(self, **rest):
        is_new = super().prepare(**rest)
        self.guard(self.guarded_port, self.certificates)
        return is_new


@pytest.fixture(scope="module")
def guarded(servers_folder, certificates):
    server = GuardedServer(servers_folder / "guarded", ports.any_free(), ports.any_free(), heap_megabytes=192)
    server.guarded_port, server.certificates = ports.any_free(), certificates
    with running(server, servers_folder / "guarded.out"):
        yield f"127.0.0.1:{server.guarded_port}"


@pytest.fixture
def settings(guarded, certificates, grant_keys, monkeypatch):
    def make(**changes):
        variables = {
            "TLS_DIR": str(certificates / "metrics"),
            "GRANT_KEYS_FILE": str(grant_keys.public_keys),
            "KAFKA_BOOTSTRAP_SERVERS": guarded,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SSL_CAFILE": str(certificates / "metrics" / "ca.pem"),
            "KAFKA_SASL_MECHANISM": "PLAIN",
            "KAFKA_SASL_USERNAME": "metrics",
            "KAFKA_SASL_PASSWORD": "secret",
        }
        for name, value in {**variables, **changes}.items():
            monkeypatch.setenv(name, value)
        return load(ServiceSettings)

    return make


def test_topics_producers_and_consumers_reach_a_guarded_broker(settings):
    kafka = settings().kafka
    ensure_topics(kafka, [Topic("guarded", 1)])
    with TopicAdmin(kafka) as admin:
        assert admin.ids(["guarded"])
    producer = KafkaProducer(**client_settings(kafka))
    assert producer.send("guarded", b"x").get(timeout=20).offset == 0
    producer.close()
    consumer = KafkaConsumer("guarded", **client_settings(kafka), auto_offset_reset="earliest", group_id=None)
    assert [record.value for records in consumer.poll(10_000).values() for record in records] == [b"x"]
    consumer.close()


# A process of its own: kafka-python leaves the sockets of a refused client open.
REFUSED = """
from chassis.kafka.topics import TopicAdmin
from chassis.settings import ServiceSettings, load
TopicAdmin(load(ServiceSettings).kafka, patience_ms=1_500)
"""


def test_neither_a_wrong_password_nor_a_broker_of_another_authority_will_do(settings, tmp_path):
    make_certificates(tmp_path)
    for change in ({"KAFKA_SASL_PASSWORD": "wrong"}, {"KAFKA_SSL_CAFILE": str(tmp_path / "metrics" / "ca.pem")}):
        settings(**change)
        refused = subprocess.run([sys.executable, "-c", REFUSED], capture_output=True, text=True, check=False)
        assert refused.returncode == 1
        assert "kafka.errors" in refused.stderr.splitlines()[-1]


def test_the_password_is_asked_for_and_never_shown(settings):
    with pytest.raises(SystemExit, match="KAFKA_SASL_PASSWORD is wrong"):
        settings(KAFKA_SASL_USERNAME="")
    assert "secret" not in repr(settings()) + repr(settings().kafka)
