"""docs/usage-events.md says what the code does, byte by byte; docs/operations.md names what it rests on."""

import re
import struct
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from directory.usage.v1.usage_event_pb2 import UsageEvent
from kafka.partitioner.default import murmur2
from metrics.consumers.worker_metrics import ENTRIES, KNOWN_ENTRIES
from metrics.domain.account_hash import LONGEST_KEY, SHORTEST_KEY, AccountHashes, parse_keys
from metrics.domain.arrow_limits import RecordLimits
from metrics.domain.screening import FUTURE_US, OLDEST_US, REASONS, screen
from metrics.domain.sequence_window import REACH
from metrics.domain.usage_columns import SCHEMA, decode_arrow
from metrics.domain.usage_events import columns_of
from metrics.domain.vocabulary import LONGEST_LABEL, Vocabularies
from metrics.store.rollups import MOST_ERROR_TYPES, MOST_PRODUCTS, MOST_TOOLS
from metrics.wiring import EVENTS as EVENTS_TOPIC
from metrics.wiring import USAGE

ROOT = Path(__file__).parents[3]
EVENTS = (ROOT / "docs" / "usage-events.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
ARRIVED_US = 1_773_000_001_000_000
_READING = ("domain/arrow_limits.py", "domain/usage_columns.py", "domain/screening.py", "consumers/usage_records.py")


@pytest.fixture(scope="module")
def example():
    """What the Python code of the document makes."""
    (code,) = re.findall(r"```python\n(.*?)```", EVENTS, re.DOTALL)
    made = {}
    exec(code, made)
    return made


def rows_of(table_head):
    """The cells of the table that begins so, without their backquotes."""
    rows = EVENTS.partition(table_head)[2].partition("\n\n")[0].splitlines()[2:]
    assert rows, table_head
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows]


def test_the_example_counts(example):
    columns = decode_arrow(example["value"], RecordLimits())
    screened = screen(Vocabularies().coded(columns), ARRIVED_US)
    assert len(screened.columns) == 2
    assert columns.server.values[0] == "0198c0de-0000-7000-8000-000000000001"


def test_the_bytes_are_the_examples(example):
    dumped = re.findall(r"^([0-9a-f]{4})  ((?:[0-9a-f]{2,8} ?)+)$", EVENTS, re.MULTILINE)
    value = b""
    for place, line in dumped:
        assert int(place, 16) == len(value)
        value += bytes.fromhex(line)
    lines = [example["value"][at : at + 32].hex(" ", 4) for at in range(0, len(example["value"]), 32)]
    assert value == example["value"], "\n".join(lines)
    assert f"all {len(value):,} bytes" in EVENTS


def test_the_messages_are_where_it_says(example):
    value, at, found = example["value"], 0, []
    for message in pa.ipc.MessageReader.open_stream(value):
        length = 8 + struct.unpack_from("<i", value, at + 4)[0]
        size = message.body.size if message.body else 0
        found.append((f"{at:04x}", message.type, length, size))
        at += length + size
    rows = rows_of("| message | at |")
    assert [(row[1], int(row[3]), int(row[4])) for row in rows[:-1]] == [(a, b, c) for a, _, b, c in found]
    assert [row[2].split()[0].rstrip(",") for row in rows[:-1]] == [kind.split()[0] for _, kind, _, _ in found]
    assert (rows[-1][1], value[at:]) == (f"{at:04x}", bytes.fromhex(rows[-1][2]))


def test_the_columns_of_the_record_batch_are_where_it_says(example):
    *_, body = [message.body.to_pybytes() for message in pa.ipc.MessageReader.open_stream(example["value"])]
    at = 0
    for column, shown, _ in rows_of("| column | bytes |"):
        values = bytes.fromhex(shown)
        assert body[at : at + len(values)] == values, column
        at += -(-len(values) // 8) * 8
    assert at == len(body)


def test_the_protobuf_bytes_are_the_second_event(example):
    value = b"".join(bytes.fromhex(row[0]) for row in rows_of("| bytes | field |"))
    assert f"{len(value)} bytes:" in EVENTS
    single = columns_of([UsageEvent.FromString(value)])
    batch = decode_arrow(example["value"], RecordLimits())
    for entry in SCHEMA:
        one, two = getattr(single, entry.name), getattr(batch, entry.name)
        if pa.types.is_dictionary(entry.type):
            assert one.values[one.codes[0]] == two.values[two.codes[1]]
        else:
            assert one[0] == two[1]


def test_keys_go_to_the_partitions_that_it_says():
    rows = rows_of("| key | murmur2 |")
    for key, hashed, partition in rows:
        assert murmur2(key.encode()) == int(hashed, 16)
        assert (int(hashed, 16) & 0x7FFFFFFF) % USAGE.partitions == int(partition)
    assert f"The topic has {USAGE.partitions} partitions" in EVENTS


def test_accounts_are_the_numbers_that_it_says():
    for key, account_id, digest, number in rows_of("| key, hexadecimal |"):
        found = AccountHashes(parse_keys(key)).of(np.zeros(1, np.int32), [account_id.encode()], np.zeros(1, np.int64))
        assert found.tolist() == [int(number)]
        assert int.from_bytes(bytes.fromhex(digest), "little") == int(number)
    assert f"each key of {SHORTEST_KEY} to {LONGEST_KEY} bytes" in EVENTS


def test_the_limits_are_those_of_the_reader():
    limits = RecordLimits()
    said = dict(row[:2] for row in rows_of("| what | limit |"))
    assert said == {
        "value of a record": f"{limits.record_bytes >> 20} MiB ({limits.record_bytes:,} bytes), "
        "before Kafka's own compression; the topic takes 64 KiB more for headers",
        "events in a record": f"{limits.rows:,}",
        "messages in an Arrow stream": f"{limits.messages:,}",
        "an Arrow stream when decompressed": f"{limits.decoded_bytes >> 20} MiB",
        "one text in a dictionary": "1,024 bytes of UTF-8",
        "product`, `tool`, `error_type": f"{LONGEST_LABEL} printable characters",
        "tools, error types, products of a server and day": f"{MOST_TOOLS}, {MOST_ERROR_TYPES}, {MOST_PRODUCTS}",
        "age of an event on arrival": f"{OLDEST_US // 86_400_000_000} days",
        "an event ahead of the broker's clock": f"{FUTURE_US // 60_000_000} minutes",
    }
    assert int(USAGE.config["max.message.bytes"]) == limits.record_bytes + 64 * 1024
    assert f"the {REACH - 1} before it" in EVENTS


def test_all_columns_are_documented():
    assert re.findall(r"^\| `(\w+)` \| (?:uint|int|dict|bool)", EVENTS, re.MULTILINE) == SCHEMA.names


def test_all_reasons_are_documented():
    source = Path(ROOT / "services" / "metrics" / "src" / "metrics")
    code = "".join((source / place).read_text() for place in _READING)
    reasons = set(re.findall(r'UnreadableRecord\(\s*"(\w+)"', code)) | set(re.findall(r'yield "(\w+)"', code))
    assert {"late", "column_missing", "bad_headers", "raw_account"} <= reasons
    _, _, rules = EVENTS.partition("## What becomes of it")
    assert set(re.findall(r"`(\w+)`", rules)) == reasons


def test_all_that_a_worker_writes_down_is_exported_from_its_start():
    """An alert on the increase of what appears with the first dead letter would not see that one."""
    source = ROOT / "services" / "metrics" / "src" / "metrics"
    entries = re.findall(r'"((?:records|events)[a-z_]*)"', (source / "consumers/partition_intake.py").read_text())
    assert set(REASONS) == set(re.findall(r'yield "(\w+)"', (source / "domain/screening.py").read_text()))
    assert set(KNOWN_ENTRIES) == {*entries, *(f"events_rejected_{reason}" for reason in REASONS)}
    assert set(KNOWN_ENTRIES) <= {sample.labels["entry"] for sample in ENTRIES.collect()[0].samples}


def test_the_settings_of_the_topic_are_documented():
    said = dict(re.findall(r"^\| `([\w.]+)` \| `(\w+)` \|", OPERATIONS, re.MULTILINE))
    assert said == USAGE.config
    assert f"`retention.ms` `{EVENTS_TOPIC.config['retention.ms']}`" in OPERATIONS
