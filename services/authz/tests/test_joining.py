import pytest
from authz.domain.persons import Holder, Joining, SignIn, joining, normal_address, shown_name

WAITING = Holder("holder", in_waiting=True)
SIGNED_IN = Holder("holder", in_waiting=False)


@pytest.mark.parametrize(
    ("verified", "known", "holder", "expected"),
    [
        (True, None, None, Joining.NOTHING),
        (True, "somebody", None, Joining.NOTHING),
        (True, "holder", SIGNED_IN, Joining.NOTHING),
        (True, None, WAITING, Joining.BECOME),
        (True, "somebody", WAITING, Joining.ABSORB),
        (True, None, SIGNED_IN, Joining.DISPLACE),
        (True, "somebody", SIGNED_IN, Joining.DISPLACE),
        (False, None, WAITING, Joining.NOTHING),
        (False, "somebody", WAITING, Joining.NOTHING),
        (False, None, SIGNED_IN, Joining.NOTHING),
        (False, "somebody", SIGNED_IN, Joining.NOTHING),
    ],
)
def test_joining(verified: bool, known: str | None, holder: Holder | None, expected: Joining) -> None:
    sign_in = SignIn("https://issuer", "subject", "ada@example.com", verified, "Ada")
    assert joining(sign_in, known_person_id=known, holder=holder) is expected


def test_nobody_joins_by_an_empty_address() -> None:
    sign_in = SignIn("https://issuer", "subject", "", True, "Ada")
    assert joining(sign_in, known_person_id=None, holder=WAITING) is Joining.NOTHING


def test_addresses_are_compared_without_case() -> None:
    assert normal_address(" Ada@Example.COM ") == "ada@example.com"


def test_names_fit_pages_and_headers() -> None:
    assert shown_name(" Ada\x00 \nLovelace ") == "Ada Lovelace"
    assert len(shown_name("x" * 10_000)) == 200
