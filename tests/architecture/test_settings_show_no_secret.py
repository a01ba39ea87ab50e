import importlib
import inspect
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pytest
from chassis.settings import load
from cryptography.fernet import Fernet
from embedded.keys import GrantKeys
from pydantic_settings import BaseSettings

SERVICES = ("authz", "submissions", "listings", "metrics", "notifications", "gateway")
SEALING_KEY = Fernet.generate_key().decode()
SECRETS = {
    **{f"database_url_{service}": f"postgresql://{service}:pa55word@db/{service}" for service in SERVICES},
    "account_keys": "5ec7" * 8,
    "collector_tokens": "token-" + "t" * 32,
    "kafka_sasl_password": "kafka-pa55word",
    "oidc_client_secret": "client-pa55word",
    "sealing_keys": SEALING_KEY,
    "session_key": "session-" + "s" * 32,
    "smtp_password": "smtp-pa55word",
}
OTHERS = {
    "kafka_bootstrap_servers": "broker:9092",
    **{f"{service}_address": f"{service}:7000" for service in SERVICES},
    "mail_from": "no-reply@example.com",
    "oidc_client_id": "directory",
    "oidc_issuer": "https://id.example.com",
    "public_url": "https://directory.example.com",
    "smtp_host": "mail",
    "support_address": "support@example.com",
}
SECRET_WORDS = ("database_url", "key", "password", "secret", "token")


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_stands_in_what_settings_show_of_themselves(
    service: str, certificates: Path, grant_keys: GrantKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    files = {
        "tls_dir": str(certificates / service),
        "grant_keys_file": str(grant_keys.public_keys),
        "grant_signing_key_file": str(grant_keys.signing_key),
    }
    for name, value in (SECRETS | OTHERS | files).items():
        monkeypatch.setenv(name.upper(), value)
    for kind in _settings_of(service):
        secret = {name for name, field in kind.model_fields.items() if _is_secret(name, field.annotation)}
        assert secret <= SECRETS.keys(), "give it a value above"
        loaded = load(kind)
        for name, _ in inspect.getmembers(kind, lambda one: isinstance(one, cached_property)):
            getattr(loaded, name)  # read once, it is kept in the object
        shown = f"{loaded!r} {loaded}"
        assert [name for name in secret if SECRETS[name] in shown] == []


def _settings_of(service: str) -> Iterator[type[BaseSettings]]:
    module = importlib.import_module(f"{service}.settings")
    for one in vars(module).values():
        if isinstance(one, type) and issubclass(one, BaseSettings) and one.__module__ == module.__name__:
            yield one


def _is_secret(name: str, annotation: object) -> bool:
    named_so = any(word in name for word in SECRET_WORDS)
    return named_so and "Path" not in str(annotation)  # a file's name tells nothing of what lies in it
