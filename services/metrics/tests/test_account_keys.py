"""Which key hashes whom."""

from datetime import UTC, datetime

import numpy as np
import pytest
from metrics.domain.account_hash import AccountHashes, parse_keys

from .accounts import account_hash

OLD, NEW = b"o" * 32, b"n" * 16


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 10**6)


def hashes(ring, *accounts):
    ids = sorted({account for account, _ in accounts})
    codes = np.array([ids.index(account) for account, _ in accounts], np.int32)
    times = np.array([time for _, time in accounts], np.int64)
    return AccountHashes(parse_keys(ring)).of(codes, [i.encode() for i in ids], times).tolist()


def test_the_key_is_the_one_of_the_events_day():
    ring = f"{OLD.hex()}, 2026-03-01:{NEW.hex()}"
    before, after = at("2026-02-28T23:59:59.999999"), at("2026-03-01")
    assert hashes(ring, ("ada", before), ("ada", after), ("bob", after), ("", after), ("ada", before)) == [
        account_hash("ada", OLD),
        account_hash("ada", NEW),
        account_hash("bob", NEW),
        0,
        account_hash("ada", OLD),
    ]


def test_an_event_from_before_the_first_key_takes_it():
    assert hashes(f"2026-03-01:{NEW.hex()}", ("ada", 0), ("ada", -(2**63))) == [account_hash("ada", NEW)] * 2


def test_no_events_are_no_trouble():
    assert hashes(OLD.hex()) == []


@pytest.mark.parametrize(
    ("ring", "words"),
    [
        ("zz", "YYYY-MM-DD:HEX"),
        (f"2026-02-30:{OLD.hex()}", "YYYY-MM-DD:HEX"),
        ("00" * 15, "16 to 64 bytes"),
        ("00" * 65, "16 to 64 bytes"),
        (f"{OLD.hex()},{NEW.hex()}", "in order"),
        (f"2026-03-01:{OLD.hex()},{NEW.hex()}", "in order"),
        (f"2026-03-02:{OLD.hex()},2026-03-01:{NEW.hex()}", "in order"),
    ],
)
def test_a_ring_that_makes_no_sense_is_refused_without_showing_a_key(ring, words):
    with pytest.raises(ValueError, match=words) as refused:
        parse_keys(ring)
    assert OLD.hex() not in str(refused.value)


def test_no_key_is_no_hash():
    assert parse_keys("") == ()
    with pytest.raises(ValueError, match="without a key"):
        AccountHashes(())
