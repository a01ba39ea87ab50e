"""Ports, certificates, keys and downloads: what is checked before anything starts."""

import hashlib
import json
import re
import socket
import ssl
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import requires
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from cryptography import x509
from embedded import keys, ports
from embedded.__main__ import main
from embedded.certificates import NAMES, make_certificates
from embedded.errors import EmbeddedError
from embedded.kafka_jars import expected_sums, verify
from embedded.places import is_reachable
from embedded.state import Report, State
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_CHOOSE = """
import json, pathlib, sys
from embedded import ports
print(json.dumps(ports.choose(json.loads(sys.argv[2]), remembered=pathlib.Path(sys.argv[1]))), flush=True)
sys.stdin.read()
"""


def test_a_taken_port_is_passed_over_and_the_choice_remembered(tmp_path: Path) -> None:
    remembered = tmp_path / "ports.json"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wish = taken.getsockname()[1]
        chosen = ports.choose({"gateway": wish, "identity": wish}, remembered=remembered)
    assert len({wish, *chosen.values()}) == 3
    assert ports.choose({"gateway": wish, "identity": wish}, remembered=remembered) == chosen


def test_two_that_start_at_once_choose_different_ports(tmp_path: Path) -> None:
    wish = {"gateway": 31_900, "identity": 31_901}
    other = subprocess.Popen(
        [sys.executable, "-c", _CHOOSE, str(tmp_path / "other.json"), json.dumps(wish)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    with other:
        theirs = json.loads(other.stdout.readline())  # chosen, and no server listens there yet
        ours = ports.choose(wish, remembered=tmp_path / "ours.json")
        other.stdin.close()
    assert len({*theirs.values(), *ours.values()}) == 4


def test_a_called_command_gets_every_word_of_its_own_help_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr("embedded.__main__.Plan.remembered", lambda _: SimpleNamespace(environment=lambda _: {}))
    monkeypatch.setattr("embedded.__main__.os.execve", lambda _, command, __: called.append(command))
    words = ["token", "create", "--help", "--staff", "-x"]
    done = CliRunner().invoke(main, ["--state", str(tmp_path), "call", "authz", *words])
    assert done.exit_code == 0, done.output
    assert [command[-len(words) - 1 :] for command in called] == [["authz", *words]]


def test_every_jar_has_a_sum() -> None:
    expected = expected_sums()
    assert "kafka_2.13-4.3.1.jar" in expected
    assert all(len(digest) == 64 for digest in expected.values())


def test_a_jar_with_another_sum_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kafka.jar").write_bytes(b"right")
    expected = {"kafka.jar": hashlib.sha256(b"right").hexdigest()}
    verify(tmp_path, expected)
    (tmp_path / "kafka.jar").write_bytes(b"wrong")
    with pytest.raises(EmbeddedError, match=r"kafka\.jar is not the file that was expected"):
        verify(tmp_path, expected)


def test_certificates_verify_between_every_two_services(certificates: Path) -> None:
    for name in NAMES:
        _shake_hands(server=certificates / name, client=certificates / "proxy", name=name)
        _shake_hands(server=certificates / name, client=certificates / "proxy", name="localhost")
        assert stat.S_IMODE((certificates / name / "key.pem").stat().st_mode) == 0o600


def test_a_certificate_does_not_pass_for_another_service(certificates: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        _shake_hands(server=certificates / "gateway", client=certificates / "proxy", name="authz")


def test_the_first_name_of_a_certificate_is_the_service(certificates: Path) -> None:
    for name in NAMES:
        certificate = x509.load_pem_x509_certificate((certificates / name / "cert.pem").read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName)[0] == name


def test_certificates_are_kept_until_they_end_soon(tmp_path: Path) -> None:
    assert make_certificates(tmp_path, names=["authz"])
    before = (tmp_path / "authz" / "cert.pem").read_bytes()
    assert not make_certificates(tmp_path, names=["authz"])
    assert make_certificates(tmp_path, names=["authz"], now=datetime.now(UTC) + timedelta(days=390))
    assert (tmp_path / "authz" / "cert.pem").read_bytes() != before


def test_keys_are_made_once_and_private_parts_stay_private(tmp_path: Path) -> None:
    made = keys.make_grant_keys(tmp_path)
    assert keys.make_grant_keys(tmp_path) == made
    private, public = json.loads(made.signing_key.read_text()), json.loads(made.public_keys.read_text())["keys"][0]
    assert "d" in private
    assert public == {name: value for name, value in private.items() if name != "d"}
    assert stat.S_IMODE(made.signing_key.stat().st_mode) == 0o600
    assert keys.secret(tmp_path, "session-key") == keys.secret(tmp_path, "session-key")


def test_a_closed_folder_above_makes_a_place_unreachable(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not is_reachable(closed / "data")


def test_one_supervisor_a_state_folder(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    assert not state.is_held()
    with state.held():
        assert state.is_held()
        with pytest.raises(EmbeddedError, match="already runs"), state.held():
            pass
    assert not state.is_held()


def test_the_report_is_read_back(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    assert state.read().phase == "stopped"
    state.make()
    state.write(Report("ready", (1, "mark"), [], {"Pages": "http://127.0.0.1:8080"}))
    assert state.read().supervisor == (1, "mark")


def _shake_hands(*, server: Path, client: Path, name: str) -> None:
    ends = []
    for folder, side in ((server, ssl.PROTOCOL_TLS_SERVER), (client, ssl.PROTOCOL_TLS_CLIENT)):
        context = ssl.SSLContext(side)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        context.load_verify_locations(folder / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        is_server = side == ssl.PROTOCOL_TLS_SERVER
        wrapped = context.wrap_bio(
            incoming, outgoing, server_side=is_server, server_hostname=None if is_server else name
        )
        ends.append((wrapped, incoming, outgoing))
    (serving, server_in, server_out), (asking, client_in, client_out) = ends
    for _ in range(4):
        for wrapped, out, peer_in in ((asking, client_out, server_in), (serving, server_out, client_in)):
            try:
                wrapped.do_handshake()
            except ssl.SSLWantReadError:
                pass
            finally:
                peer_in.write(out.read())
    assert serving.version() == "TLSv1.3"


def test_jgo_and_all_it_needs_are_installed_first() -> None:
    bootstrap = (Path(__file__).parents[1] / "bootstrap").read_text()
    first = set(re.findall(r'"([a-z0-9-]+)"', bootstrap.partition("FIRST = [")[2].partition("]\n")[0]))
    assert _needs("jgo", {"cli"}) | {"jgo"} == first


def _needs(name: str, extras: set[str]) -> set[str]:
    found: set[str] = set()
    for requirement in map(Requirement, requires(name) or []):
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": e}) for e in extras | {""}):
            found |= {canonicalize_name(requirement.name)} | _needs(requirement.name, requirement.extras)
    return found
