"""Every process of the system: its command, its environment, and where it says that it is ready."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from embedded import keys
from embedded.certificates import NAMES, make_certificates
from embedded.errors import EmbeddedError
from embedded.places import write_private
from embedded.readiness import why_not_ok
from embedded.state import State
from embedded.supervisor import Process
from embedded.tether import tethered

SERVERS, SERVICES, EDGE = 0, 1, 2  # stages: they stop in descending order
PREFERRED_PORTS = {
    "gateway": 8080,
    "identity": 8090,
    "postgres": 5433,
    "kafka": 9092,
    "kafka-controller": 9093,
    "authz": 7001,
    "submissions": 7002,
    "listings": 7003,
    "metrics": 7004,
    "collector": 7005,
    "otlp": 4318,
    "notifications": 7006,
    "smtp": 8025,
    "letterbox": 8091,
}
_CLIENT_ID = "directory"
_STOP_SECONDS = 30.0  # longer than any service's own patience with calls that are under way


@dataclass(frozen=True)
class _Entry:
    service: str
    command: str
    port: str = ""  # name of the port it answers gRPC or HTTP on, if it does
    needs_kafka: bool = True

    @property
    def name(self) -> str:
        return (
            self.service if self.command == "serve" and self.service != "metrics" else f"{self.service}-{self.command}"
        )


_ENTRIES = (
    _Entry("authz", "serve", "authz", needs_kafka=False),
    _Entry("authz", "work"),
    _Entry("submissions", "serve", "submissions", needs_kafka=False),
    _Entry("submissions", "work"),
    _Entry("listings", "serve", "listings", needs_kafka=False),
    _Entry("listings", "work"),
    _Entry("metrics", "collect", "collector"),
    _Entry("metrics", "ingest"),
    _Entry("metrics", "compute"),
    _Entry("metrics", "serve", "metrics", needs_kafka=False),
    _Entry("gateway", "serve", "gateway"),
    _Entry("notifications", "serve", "notifications", needs_kafka=False),
    _Entry("notifications", "work"),
)
_FIRST_PROMETHEUS_PORT = 9101


def preferred_ports() -> dict[str, int]:
    """Every port that is wanted, by name."""
    own = {f"prometheus-{entry.name}": _FIRST_PROMETHEUS_PORT + at for at, entry in enumerate(_ENTRIES)}
    return PREFERRED_PORTS | own


class Plan:
    """Turns ports, addresses and secrets into processes."""

    def __init__(self, state: State, ports: Mapping[str, int], *, databases: Mapping[str, str], kafka: str) -> None:
        self._state = state
        self._ports = ports
        self._databases = databases
        self._kafka = kafka
        self._people = people_file()

    @classmethod
    def remembered(cls, state: State) -> Self:
        """The plan of the system that runs, or ran last, in this folder. Raises EmbeddedError when none did."""
        if not state.plan.exists():
            raise EmbeddedError(f"Nothing ever ran in {state.folder}: start it with `make demo-up`.")
        return cls(state, **json.loads(state.plan.read_text()))

    def remember(self) -> None:
        """Keeps the plan for operator's commands."""
        kept = {"ports": dict(self._ports), "databases": dict(self._databases), "kafka": self._kafka}
        write_private(self._state.plan, json.dumps(kept))

    @property
    def public_url(self) -> str:
        """Where browsers and API clients go."""
        return f"http://127.0.0.1:{self._ports['gateway']}"

    @property
    def identity_url(self) -> str:
        """Where people sign in."""
        return f"http://127.0.0.1:{self._ports['identity']}"

    @property
    def letterbox_url(self) -> str:
        """Where e-mails of this system can be read: none leaves the machine."""
        return f"http://127.0.0.1:{self._ports['letterbox']}"

    def without_kafka(self) -> list[Process]:
        """The processes that need no broker: they may start before it answers."""
        return [
            *(self._process(entry) for entry in _ENTRIES if not entry.needs_kafka),
            self._identity(),
            self._letterbox(),
        ]

    def with_kafka(self) -> list[Process]:
        """The other processes of the system."""
        return [self._process(entry) for entry in _ENTRIES if entry.needs_kafka]

    def migration(self, service: str) -> tuple[list[str], dict[str, str]]:
        """The command and environment that bring a service's database and topics up to date."""
        return [sys.executable, "-P", "-m", service, "migrate"], self.environment(service)

    def environment(self, service: str) -> dict[str, str]:
        """What every process of a service is told."""
        grants = keys.make_grant_keys(self._state.secrets)
        addresses = {
            f"{name.upper()}_ADDRESS": f"127.0.0.1:{self._ports[name]}"
            for name in ("authz", "submissions", "listings", "metrics", "notifications")
        }
        return {
            **_of_the_machine(),
            **addresses,
            **self._secrets(service),
            "TLS_DIR": str(self._state.certificates / service),
            "GRANT_KEYS_FILE": str(grants.public_keys),
            "KAFKA_BOOTSTRAP_SERVERS": self._kafka,
            f"DATABASE_URL_{service.upper()}": self._databases[service],
        }

    def seeding_environment(self) -> dict[str, str]:
        """What the example work needs: the addresses people and proxies use, and what authz's own commands need."""
        return {
            **self.environment("authz"),
            "PUBLIC_URL": self.public_url,
            "OIDC_ISSUER": self.identity_url,
            "COLLECTOR_ADDRESS": f"127.0.0.1:{self._ports['collector']}",
            "PROXY_TLS_DIR": str(self._state.certificates / "proxy"),
            "METRICS_ENVIRONMENT": json.dumps(self.environment("metrics")),
            "PEOPLE_FILE": str(self._people),
        }

    def _secrets(self, service: str) -> dict[str, str]:
        folder = self._state.secrets
        match service:
            case "authz":
                return {"GRANT_SIGNING_KEY_FILE": str(keys.make_grant_keys(folder).signing_key)}
            case "submissions":
                # The example servers are real people's: nobody but a server on this machine is spoken to.
                networks = os.environ.get("PROBE_ALLOWED_NETWORKS", "127.0.0.0/8")
                given = {
                    "PROBE_INTERVAL_HOURS": "24",
                    "PROBE_FAILURES_TOLD": "3",
                    "PROBE_RETRY_SECONDS": "30",
                    "TRANSFER_OFFER_DAYS": "14",
                    "DAILY_LIMIT": "10",
                    "REVIEW_DUE_DAYS": "7",
                    "REVIEW_SECOND_REVIEWER": "false",
                }
                return {
                    "SEALING_KEYS": keys.sealing_key(folder),
                    "PROBE_ALLOWED_NETWORKS": networks,
                    **{name: os.environ.get(name, usual) for name, usual in given.items()},
                }
            case "metrics":
                return {"ACCOUNT_KEYS": keys.account_key(folder)}
            case "notifications":
                return {
                    "SEALING_KEYS": keys.webhook_key(folder),
                    "PUBLIC_URL": self.public_url,
                    "MAIL_FROM": "Connectors Directory <no-reply@directory.example>",
                    **self._smtp(),
                    # As for looks at servers: nothing is sent to anybody but programs on this machine.
                    "WEBHOOK_ALLOWED_NETWORKS": os.environ.get("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8"),
                }
            case "gateway":
                return {
                    "PUBLIC_URL": self.public_url,
                    "OIDC_ISSUER": self.identity_url,
                    "OIDC_CLIENT_ID": _CLIENT_ID,
                    "OIDC_CLIENT_SECRET": keys.secret(folder, "oidc-client-secret"),
                    "SESSION_KEY": keys.secret(folder, "session-key"),
                    "SUPPORT_ADDRESS": os.environ.get("SUPPORT_ADDRESS", "support@directory.example"),
                }
        return {}

    def _smtp(self) -> dict[str, str]:
        """An own SMTP server where one is named, else the letterbox."""
        names = ("SMTP_HOST", "SMTP_PORT", "SMTP_SECURITY", "SMTP_USERNAME", "SMTP_PASSWORD", "MAIL_FROM")
        if "SMTP_HOST" in os.environ:
            return {name: os.environ[name] for name in names if name in os.environ}
        return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self._ports["smtp"]), "SMTP_SECURITY": "plain"}

    def _process(self, entry: _Entry) -> Process:
        prometheus = f"127.0.0.1:{self._ports[f'prometheus-{entry.name}']}"
        is_edge = entry.service == "gateway"
        own = {"PROMETHEUS_LISTEN": prometheus}
        if entry.port == "collector":
            own["OTLP_HTTP_LISTEN"] = f"127.0.0.1:{self._ports['otlp']}"
        if entry.port:
            own["HTTP_LISTEN" if is_edge else "GRPC_LISTEN"] = f"127.0.0.1:{self._ports[entry.port]}"
        ready = f"{self.public_url}/readyz" if is_edge else f"http://{prometheus}/readyz"
        command = [sys.executable, "-P", "-m", entry.service, entry.command]
        return Process(
            entry.name,
            # Killed, not asked, when the supervisor dies: whatever it did then must survive that anyway.
            tethered(command, death_signal=signal.SIGKILL),
            self.environment(entry.service) | own,
            stage=EDGE if is_edge else SERVICES,
            stop_seconds=_STOP_SECONDS,
            why_not_ready=lambda: why_not_ok(ready),
        )

    def _identity(self) -> Process:
        folder = self._state.secrets
        own = {
            "IDENTITY_LISTEN": f"127.0.0.1:{self._ports['identity']}",
            "IDENTITY_ISSUER": self.identity_url,
            "IDENTITY_PEOPLE": str(self._people),
            "IDENTITY_CLIENT_ID": _CLIENT_ID,
            "IDENTITY_CLIENT_SECRET": keys.secret(folder, "oidc-client-secret"),
            "IDENTITY_REDIRECT_URIS": f"{self.public_url}/sign-in/callback",
            "IDENTITY_KEY_FILE": str(folder / "identity-key.json"),
        }
        command = tethered([sys.executable, "-P", "-m", "identity", "serve"], death_signal=signal.SIGKILL)
        document = f"{self.identity_url}/.well-known/openid-configuration"
        environment = _of_the_machine() | own
        return Process("identity", command, environment, stage=EDGE, why_not_ready=lambda: why_not_ok(document))

    def _letterbox(self) -> Process:
        own = {
            "LETTERBOX_SMTP_LISTEN": f"127.0.0.1:{self._ports['smtp']}",
            "LETTERBOX_HTTP_LISTEN": f"127.0.0.1:{self._ports['letterbox']}",
            "LETTERBOX_FOLDER": str(self._state.mails),
        }
        command = tethered([sys.executable, "-P", "-m", "letterbox"], death_signal=signal.SIGKILL)
        environment = _of_the_machine() | own
        ready = f"{self.letterbox_url}/readyz"
        return Process("letterbox", command, environment, stage=EDGE, why_not_ready=lambda: why_not_ok(ready))


def make_secrets(state: State) -> None:
    """Certificates and keys, once."""
    make_certificates(state.certificates, names=NAMES)
    keys.make_grant_keys(state.secrets)


def people_file() -> Path:
    """Who can sign in: the example people of the repository."""
    return Path(__file__).resolve().parents[3] / "demo" / "people.json"


def _of_the_machine() -> dict[str, str]:
    """Nothing else of the caller's environment reaches a process: it would behave differently on each machine."""
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE") if name in os.environ
    }
    return kept | {"ENVIRONMENT": "development", "LOG_FORMAT": "console", "PYTHONUNBUFFERED": "1", "TZ": "UTC"}
