"""The contract's reasons, the settings and the commands."""

import re
from pathlib import Path

import pytest
from chassis import paging
from chassis.destinations import networks
from chassis.errors import InvalidInput
from chassis.settings import load
from cryptography.fernet import Fernet
from directory.submissions.v1 import error_reason_pb2
from directory.submissions.v1.submission_pb2 import ReviewerAccess, SubmissionForm
from submissions.api.inputs import require_valid
from submissions.settings import Settings

SERVICE = Path(__file__).parents[1]
# What chassis.paging raises is raised by whoever gives pages.
FILES = [Path(paging.__file__), *(SERVICE / "src").rglob("*.py")]
SOURCE = "".join(path.read_text() for path in FILES)
ONLY_IN_DEAD_LETTERS = {"EVENT_INVALID"}


def reasons():
    names = error_reason_pb2.ErrorReason.keys()
    return sorted(name.removeprefix("ERROR_REASON_") for name in names if not name.endswith("UNSPECIFIED"))


def test_every_reason_is_raised_and_documented():
    readme = (SERVICE / "README.md").read_text().split("## Errors")[1].split("## Findings")[0]
    for reason in reasons():
        assert f'"{reason}"' in SOURCE, reason
        assert re.search(rf"\b{reason}\b", readme), reason


def test_no_reason_is_raised_that_the_contract_lacks():
    kinds = "InvalidInput|PermissionDenied|NotFound|Conflict|VersionMismatch|LimitExceeded"
    raised = set(re.findall(rf'\b(?:{kinds})\(\s*"([A-Z_]+)"', SOURCE))
    assert raised - set(reasons()) == ONLY_IN_DEAD_LETTERS


@pytest.fixture
def environment(monkeypatch, certificates, grant_keys):
    """environment(NAME=value): sets what the service needs, and these."""

    def put(**changes):
        values = {
            "TLS_DIR": str(certificates / "submissions"),
            "GRANT_KEYS_FILE": str(grant_keys.public_keys),
            "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
            "DATABASE_URL_SUBMISSIONS": "postgresql://u:secret@127.0.0.1/db",
            "SEALING_KEYS": Fernet.generate_key().decode(),
        }
        for name, value in {**values, **changes}.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.mark.parametrize("keys", ["", "short", ","])
def test_settings_refuse_wrong_sealing_keys_without_showing_them(environment, keys):
    environment(SEALING_KEYS=keys)
    with pytest.raises(SystemExit) as end:
        load(Settings)
    assert str(end.value).startswith("SEALING_KEYS is wrong")
    assert "short" not in str(end.value)


@pytest.mark.parametrize("limits", ["many", "[]", '{"acme": 5}', '{"018f7c1e-0000-7000-8000-000000000001": 0}'])
def test_limits_of_organizations_are_numbers_by_id(environment, limits):
    environment(DAILY_LIMITS=limits, DAILY_LIMIT="0")
    with pytest.raises(SystemExit) as end:
        load(Settings)
    assert [line.partition(" is wrong")[0] for line in str(end.value).splitlines()] == ["DAILY_LIMIT", "DAILY_LIMITS"]


def test_a_limit_of_one_organization_goes_before_that_of_all(environment):
    one = "018f7c1e-0000-7000-8000-00000000000a"
    environment(DAILY_LIMITS=f'{{"{one.upper()}": 1000}}', DAILY_LIMIT="7")
    assert (load(Settings).limit_of(one), load(Settings).limit_of("another")) == (1000, 7)


@pytest.mark.parametrize("where", [{}, {"ENVIRONMENT": "production"}])
def test_production_opens_no_network_to_the_checks(environment, where):
    environment(PROBE_ALLOWED_NETWORKS="127.0.0.0/8", **where)
    with pytest.raises(SystemExit, match="PROBE_ALLOWED_NETWORKS is wrong"):
        load(Settings)
    environment(PROBE_ALLOWED_NETWORKS="", **where)
    assert load(Settings).networks == ()


def test_networks_for_development_are_read(environment):
    environment(PROBE_ALLOWED_NETWORKS="127.0.0.0/8, ::1/128", ENVIRONMENT="development")
    assert load(Settings).networks == networks("127.0.0.0/8,::1/128")
    environment(PROBE_ALLOWED_NETWORKS="localhost", ENVIRONMENT="development")
    with pytest.raises(SystemExit, match="PROBE_ALLOWED_NETWORKS is wrong"):
        load(Settings)


@pytest.mark.parametrize(
    ("url", "named", "good"),
    [
        ("http://127.0.0.1:8000/mcp", "127.0.0.0/8", True),
        ("http://127.0.0.1:8000/mcp#x", "127.0.0.0/8", False),
        ("http://user@127.0.0.1/mcp", "127.0.0.0/8", False),
        ("http://127.0.0.1:8000/mcp", "", False),
        ("http://10.0.0.1/mcp", "127.0.0.0/8", False),
        ("http://localhost.acme.com/mcp", "127.0.0.0/8", False),
        ("ftp://127.0.0.1/mcp", "127.0.0.0/8", False),
    ],
)
def test_plain_http_is_for_servers_in_named_networks(url, named, good):
    form = SubmissionForm(server_url=url)
    if good:
        require_valid(form, ReviewerAccess(), networks=networks(named))
    else:
        with pytest.raises(InvalidInput) as refused:
            require_valid(form, ReviewerAccess(), networks=networks(named))
        assert [violation.code for violation in refused.value.violations] == ["NOT_SERVER_URL"]
