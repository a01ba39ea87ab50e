import subprocess
import sys
from pathlib import Path

import pytest
from identity import keys, settings


def run(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "identity", "serve"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("environment", ["production", "staging", None])
def test_it_starts_in_development_only(environ: dict[str, str], environment: str | None) -> None:
    given = {name: value for name, value in environ.items() if name != "ENVIRONMENT"}
    ended = run(given | ({"ENVIRONMENT": environment} if environment else {}))
    assert ended.returncode == 1
    assert ended.stderr.strip() == (
        "identity: This identity provider lets anybody sign in as anybody, "
        "so it starts with ENVIRONMENT=development only."
    )


@pytest.mark.parametrize("name", ["IDENTITY_ISSUER", "IDENTITY_PEOPLE", "IDENTITY_CLIENT_SECRET", "IDENTITY_KEY_FILE"])
def test_a_missing_variable_is_named(environ: dict[str, str], name: str) -> None:
    with pytest.raises(settings.SettingsError, match=name):
        settings.load({key: value for key, value in environ.items() if key != name})


def test_a_secret_can_come_from_a_file(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "identity_client_secret").write_text("from a file\n")
    given = {key: value for key, value in environ.items() if key != "IDENTITY_CLIENT_SECRET"}
    assert settings.load(given | {"SECRETS_DIR": str(tmp_path)}).client_secret == "from a file"


def test_a_broken_list_of_people_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "people.json").write_text('[{"name": "no address"}]')
    with pytest.raises(settings.SettingsError, match="IDENTITY_PEOPLE"):
        settings.load(environ | {"IDENTITY_PEOPLE": str(tmp_path / "people.json")})


def test_the_key_survives_a_restart_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "identity_key.json"
    first = keys.load_or_create(path)
    assert keys.load_or_create(path).id == first.id
    assert path.stat().st_mode & 0o777 == 0o600
    assert "d" not in first.jwks()["keys"][0]
