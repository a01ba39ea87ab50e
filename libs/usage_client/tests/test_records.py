"""What the library writes is what the service reads."""

import time
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.domain import account_hash, usage_columns, vocabulary
from metrics.domain.arrow_limits import RecordLimits
from usage_client import records
from usage_client.accounts import AccountHashes
from usage_client.events import name
from usage_client.records import encode

from .conftest import KEYS, SERVER, call

DAY_US = 86_400_000_000

NAMES = st.one_of(st.sampled_from(["", "search", "timeout", "línea", "-32602"]), st.text(max_size=80))
ROWS = st.tuples(
    st.integers(1, 3),
    st.integers(-(2**63), 2**63 - 1),
    st.uuids().map(str),
    NAMES.map(lambda text: name("product", text)),
    NAMES.map(lambda text: name("tool", text)),
    st.integers(0, 2**64 - 1),
    st.integers(0, 4),
    NAMES.map(lambda text: name("error_type", text)),
    st.integers(0, 999),
    st.integers(0, 2**53),
    st.booleans(),
)


def read(value):
    """Rows as the service sees them."""
    columns = usage_columns.decode_arrow(value, RecordLimits())
    plain = []
    for entry in records.SCHEMA:
        column = getattr(columns, entry.name)
        named = isinstance(column, usage_columns.Names)
        plain.append([column.values[code] for code in column.codes] if named else column.tolist())
    return list(zip(*plain, strict=True))


def test_both_have_the_same_columns():
    assert records.SCHEMA.equals(usage_columns.SCHEMA)


@settings(max_examples=60)
@given(st.lists(ROWS, min_size=1, max_size=40))
def test_every_row_arrives_as_it_was(rows):
    (written,) = encode(rows)
    assert written[0] == len(rows)
    assert read(written[1]) == rows


@given(st.text(), st.binary(min_size=16, max_size=64), st.integers(-1, 3 * DAY_US))
def test_accounts_are_the_services_numbers(account_id, key, time_us):
    ring = f"{key.hex()},1970-01-02:{'11' * 16},1970-01-03:{'22' * 16}"
    of_service = account_hash.AccountHashes(account_hash.parse_keys(ring))
    (wanted,) = of_service.of(np.zeros(1, np.int32), [account_id.encode()], np.array([time_us], np.int64))
    assert AccountHashes(ring).of(account_id, time_us) == wanted


@given(NAMES)
def test_names_are_kept_as_the_service_keeps_them(text):
    assert vocabulary.label(name("tool", text)) == vocabulary.label(text)


def test_a_record_is_never_larger_than_allowed(monkeypatch):
    rows = [(1, n, SERVER, "claude_ai", f"tool-{n * 7919}", n, 1, "", 200, n, False) for n in range(1_000)]
    monkeypatch.setattr(records, "LARGEST_RECORD", 8_000)
    written = list(encode(rows))
    assert len(written) > 1
    assert all(len(value) <= 8_000 for _, value in written)
    assert [row for _, value in written for row in read(value)] == rows
    assert [count for count, _ in written] == [len(read(value)) for _, value in written]


def test_each_call_of_the_api_becomes_the_row_it_says(new_client):
    client = new_client()
    rows = []
    client._batcher.record = rows.append
    at = datetime(2026, 3, 1, 12, 30, 0, 250_000, tzinfo=UTC)
    at_us = 1_772_368_200_250_000
    of_service = account_hash.AccountHashes(account_hash.parse_keys(KEYS))
    (person,) = of_service.of(np.zeros(1, np.int32), [b"person-0"], np.zeros(1, np.int64)).tolist()
    call(client, at=at)
    call(client, server_id=SERVER.upper(), tool="x" * 65, account_id=None, at=at, synthetic=True, duration=2)
    call(client, outcome="request_error", error_type="timeout", http_status=0, duration=timedelta(minutes=1), at=at)
    call(client, outcome="tool_error", error_type="tab\there", duration=0.000003, at=at)
    call(client, outcome="auth_rejected", http_status=401, account_id="", tool="", at=at)
    client.message(server_id=SERVER, account_id="person-0", at=at)
    client.connector_removed(server_id=SERVER, account_id="person-0", at=at, synthetic=True)
    assert rows == [
        (1, at_us, SERVER, "claude_ai", "search", person, 1, "", 200, 12_500, False),
        (1, at_us, SERVER, "claude_ai", "other", 0, 1, "", 200, 2_000_000, True),
        (1, at_us, SERVER, "claude_ai", "search", person, 3, "timeout", 0, 60_000_000, False),
        (1, at_us, SERVER, "claude_ai", "search", person, 2, "other", 200, 3, False),
        (1, at_us, SERVER, "claude_ai", "", 0, 4, "", 401, 12_500, False),
        (2, at_us, SERVER, "", "", person, 0, "", 0, 0, False),
        (3, at_us, SERVER, "", "", person, 0, "", 0, 0, True),
    ]


def test_an_event_is_now_unless_it_says_otherwise(new_client):
    client = new_client()
    rows = []
    client._batcher.record = rows.append
    before = time.time_ns() // 1000
    call(client)
    assert before <= rows[0][1] <= time.time_ns() // 1000
