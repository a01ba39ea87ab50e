"""The contract's reasons, the settings and the commands."""

import re
from pathlib import Path

import pytest
from chassis.settings import load
from directory.submissions.v1 import error_reason_pb2
from submissions.settings import SubmissionsSettings

SERVICE = Path(__file__).parents[1]
ONLY_IN_DEAD_LETTERS = {"EVENT_INVALID"}


def reasons():
    names = error_reason_pb2.ErrorReason.keys()
    return sorted(name.removeprefix("ERROR_REASON_") for name in names if not name.endswith("UNSPECIFIED"))


def test_every_reason_is_raised_and_documented():
    source = "".join(path.read_text() for path in (SERVICE / "src").rglob("*.py"))
    readme = (SERVICE / "README.md").read_text().split("## Errors")[1].split("## Findings")[0]
    for reason in reasons():
        assert f'"{reason}"' in source, reason
        assert re.search(rf"\b{reason}\b", readme), reason


def test_no_reason_is_raised_that_the_contract_lacks():
    kinds = "InvalidInput|PermissionDenied|NotFound|Conflict|VersionMismatch|LimitExceeded"
    source = "".join(path.read_text() for path in (SERVICE / "src").rglob("*.py"))
    raised = set(re.findall(rf'\b(?:{kinds})\(\s*"([A-Z_]+)"', source))
    assert raised - set(reasons()) == ONLY_IN_DEAD_LETTERS


@pytest.mark.parametrize("keys", ["", "short", ","])
def test_settings_refuse_wrong_sealing_keys_without_showing_them(monkeypatch, tmp_path, keys):
    values = {
        "TLS_DIR": str(tmp_path),
        "GRANT_KEYS_FILE": str(tmp_path / "keys.json"),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
        "DATABASE_URL_SUBMISSIONS": "postgresql://u:secret@127.0.0.1/db",
        "SEALING_KEYS": keys,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        load(SubmissionsSettings)
    assert str(end.value).startswith("SEALING_KEYS is wrong")
    assert "short" not in str(end.value)
