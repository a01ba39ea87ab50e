import base64
import json
import os
from datetime import timedelta

import pytest
from chassis.clock import now
from chassis.errors import PermissionDenied, Unauthenticated
from chassis.grants import ALGORITHM, AUDIENCE, ISSUER, GrantSigner, GrantVerifier
from chassis.rpc import caller
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey


@pytest.fixture
def key():
    return OKPKey.generate_key("Ed25519", {"kid": "one"})


@pytest.fixture
def keys_file(key, tmp_path):
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    return path


def claims(**changes):
    seconds = int(now().timestamp())
    standard = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "p", "iat": seconds, "exp": seconds + 60, "name": "Ada", "org": "o",
        "dm": True, "denied": "", "owner": False, "staff": "", "orgs": ["o"],
    }  # fmt: skip
    return {name: value for name, value in (standard | changes).items() if value is not None}


def token(key, *, header=None, **changes):
    return jwt.encode(
        header or {"alg": ALGORITHM, "kid": "one"}, claims(**changes), key, algorithms=[ALGORITHM, "HS256"]
    )


def refused(keys_file, text, **arguments):
    with pytest.raises(Unauthenticated) as caught:
        GrantVerifier(keys_file, **arguments).verify(text)
    return caught.value.reason == "GRANT_INVALID"


def test_a_signed_grant_comes_back_whole(grant, grant_keys):
    mine = grant(staff_role="reviewer", owner=True, organizations=frozenset({"a", "b"}), denied_reason="X")
    back = GrantVerifier(grant_keys.public_keys).verify(GrantSigner(grant_keys.signing_key).sign(mine))
    assert back.expires_at == mine.expires_at.replace(microsecond=0)
    assert back == grant(
        staff_role="reviewer",
        owner=True,
        organizations=frozenset({"a", "b"}),
        denied_reason="X",
        expires_at=back.expires_at,
    )


def test_a_good_token_of_the_tests_own_making_is_accepted(key, keys_file):
    assert GrantVerifier(keys_file).verify(token(key)).person_id == "p"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"}, {"aud": "else"}, {"aud": ["directory"]}, {"exp": None}, {"iss": None}, {"aud": None},
        {"iat": None}, {"sub": None}, {"sub": 7}, {"dm": "yes"}, {"owner": 1}, {"orgs": None}, {"orgs": 5},
        {"exp": "never"}, {"exp": 10**30}, {"iat": int(now().timestamp()) + 3600},
    ],
)  # fmt: skip
def test_wrong_claims_are_refused(key, keys_file, changes):
    assert refused(keys_file, token(key, **changes))


def test_expiry_holds_for_remembered_grants_too(key, keys_file):
    moment = [now()]
    verifier = GrantVerifier(keys_file, clock=lambda: moment[0])
    text = token(key)
    verifier.verify(text)
    moment[0] += timedelta(seconds=66)
    with pytest.raises(Unauthenticated):
        verifier.verify(text)


def test_forgeries_are_refused(key, keys_file):
    other = OKPKey.generate_key("Ed25519", {"kid": "one"})
    good = token(key)
    head, body, signature = good.split(".")
    fake = base64.urlsafe_b64encode(json.dumps(claims(sub="boss")).encode()).rstrip(b"=").decode()
    none = base64.urlsafe_b64encode(b'{"alg":"none","kid":"one"}').rstrip(b"=").decode()
    public = key.as_dict(private=False)["x"]
    shared = token(OctKey.import_key(public), header={"alg": "HS256", "kid": "one"})
    for text in (
        token(other),
        f"{head}.{fake}.{signature}",
        f"{none}.{body}.",
        shared,
        token(key, header={"alg": ALGORITHM}),
        token(key, header={"alg": ALGORITHM, "kid": "two"}),
        "",
        "x",
        good[:-4],
        "\ud800",
        good + ".",
    ):
        assert refused(keys_file, text)


def test_keys_are_read_again_when_the_file_changes(key, keys_file):
    verifier = GrantVerifier(keys_file)
    old = token(key)
    verifier.verify(old)
    newer = OKPKey.generate_key("Ed25519", {"kid": "one"})
    replaced = keys_file.with_suffix(".new")
    replaced.write_text(json.dumps({"keys": [newer.as_dict(private=False)]}))
    os.replace(replaced, keys_file)
    assert verifier.verify(token(newer)).person_id == "p"
    with pytest.raises(Unauthenticated):
        verifier.verify(old)


def test_a_half_written_key_file_leaves_the_old_keys(key, keys_file):
    verifier = GrantVerifier(keys_file)
    keys_file.write_text('{"keys": [')
    assert verifier.verify(token(key)).person_id == "p"


def test_a_publisher_manages_the_directory_or_is_told_why_not(grant):
    with caller.bind(grant=(ada := grant()), peer="gateway"):
        assert caller.publisher() == ada
    for changes, reason in [
        ({"directory_management": False, "denied_reason": "PLAN_WITHOUT_DASHBOARD"}, "PLAN_WITHOUT_DASHBOARD"),
        ({"directory_management": False}, "DIRECTORY_MANAGEMENT_REQUIRED"),
        ({"organization_id": ""}, "DIRECTORY_MANAGEMENT_REQUIRED"),
    ]:
        with caller.bind(grant=grant(**changes), peer="gateway"), pytest.raises(PermissionDenied) as caught:
            caller.publisher()
        assert caught.value.reason == reason
    with caller.bind(grant=None, peer="gateway"), pytest.raises(Unauthenticated):
        caller.publisher()
