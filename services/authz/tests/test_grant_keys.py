import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from authz.api.commands import grant_keys
from chassis.errors import Unauthenticated
from chassis.grants import Grant, GrantSigner, GrantVerifier


def grant() -> Grant:
    return Grant(
        person_id="p",
        name="Ada",
        organization_id="",
        directory_management=False,
        denied_reason="",
        owner=False,
        staff_role="",
        organizations=frozenset(),
        expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=60),
    )


def test_keys_are_made_once(tmp_path: Path) -> None:
    signing, public = tmp_path / "private" / "signing.json", tmp_path / "keys.json"
    assert grant_keys.create(signing, public)
    before = signing.read_bytes()
    assert not grant_keys.create(signing, public)
    assert signing.read_bytes() == before
    assert signing.stat().st_mode & 0o777 == 0o600
    assert "d" not in json.loads(public.read_text())["keys"][0]


def test_rotation_keeps_running_processes_and_recent_grants_working(tmp_path: Path) -> None:
    signing, public = tmp_path / "signing.json", tmp_path / "keys.json"
    grant_keys.create(signing, public)
    signer, verifier = GrantSigner(signing), GrantVerifier(public)
    first = signer.sign(grant())
    new_id = grant_keys.rotate(signing, public)
    assert json.loads(signing.read_text())["kid"] == new_id
    second = signer.sign(grant())
    assert verifier.verify(first).person_id == "p"
    assert verifier.verify(second).person_id == "p"
    grant_keys.rotate(signing, public)
    with pytest.raises(Unauthenticated):
        verifier.verify(first)
    assert verifier.verify(second).person_id == "p"
    assert len(json.loads(public.read_text())["keys"]) == 2
