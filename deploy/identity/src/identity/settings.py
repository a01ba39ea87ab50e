"""The environment, read once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from identity.people import Person


class SettingsError(Exception):
    """The environment is not good enough to start; the text says why, for people."""


@dataclass(frozen=True)
class Settings:
    """What the provider is told from outside; see README.md for the variables."""

    host: str
    port: int
    issuer: str
    people: tuple[Person, ...]
    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    key_file: Path


def load(environ: Mapping[str, str]) -> Settings:
    """Reads the environment.

    Raises SettingsError: in production, and for any variable that is missing or wrong.
    """
    if environ.get("ENVIRONMENT", "production") != "development":
        raise SettingsError(
            "This identity provider lets anybody sign in as anybody, so it starts with ENVIRONMENT=development only."
        )
    host, _, port = environ.get("IDENTITY_LISTEN", "0.0.0.0:8090").rpartition(":")
    if not port.isdigit():
        raise SettingsError("IDENTITY_LISTEN must be host:port.")
    return Settings(
        host=host,
        port=int(port),
        issuer=_required(environ, "IDENTITY_ISSUER").rstrip("/"),
        people=_people(Path(_required(environ, "IDENTITY_PEOPLE"))),
        client_id=_required(environ, "IDENTITY_CLIENT_ID"),
        client_secret=_required(environ, "IDENTITY_CLIENT_SECRET"),
        redirect_uris=_list(_required(environ, "IDENTITY_REDIRECT_URIS")),
        key_file=Path(_required(environ, "IDENTITY_KEY_FILE")),
    )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip() or _secret_file(environ, name)
    if not value:
        raise SettingsError(f"{name} is not set.")
    return value


def _secret_file(environ: Mapping[str, str], name: str) -> str:
    path = Path(environ.get("SECRETS_DIR", "")) / name.lower()
    return path.read_text().strip() if environ.get("SECRETS_DIR") and path.is_file() else ""


def _list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _people(path: Path) -> tuple[Person, ...]:
    try:
        entries = json.loads(path.read_text())
        return tuple(
            Person(email=entry["email"].strip().lower(), name=entry["name"], note=entry.get("note", ""))
            for entry in entries
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"IDENTITY_PEOPLE must name a JSON file with a list of {{email, name, note}}: {error}"
        ) from error
