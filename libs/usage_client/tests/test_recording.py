"""What a proxy's request path may rely on."""

import ast
import inspect
import json
import os
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from usage_client import InvalidEvent, UsageClient, batcher

from .conftest import SERVER, call


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("server_id", "0198c0de"),
        ("server_id", "0198c0de-0000-7000-8000-00000000000g"),
        ("server_id", None),
        ("server_id", ["0198c0de-0000-7000-8000-000000000001"]),
        ("product", ""),
        ("product", "x" * 65),
        ("product", "claude\nai"),
        ("product", 3),
        ("tool", None),
        ("account_id", 17),
        ("account_id", 0),
        ("account_id", "\ud800"),
        ("outcome", "good"),
        ("outcome", 1),
        ("outcome", ["ok"]),
        ("error_type", None),
        ("http_status", -1),
        ("http_status", 1000),
        ("http_status", "200"),
        ("duration", -0.1),
        ("duration", float("nan")),
        ("duration", float("inf")),
        ("duration", "1"),
        ("duration", None),
        ("duration", timedelta(seconds=-1)),
        ("at", datetime(2026, 3, 1)),  # noqa: DTZ001
        ("at", 1_773_000_000),
    ],
)
def test_a_wrong_field_is_named(new_client, field, value):
    client = new_client()
    with pytest.raises(InvalidEvent, match=f"^{field}: ") as raised:
        call(client, **{field: value})
    assert raised.value.field == field
    assert client.stats().recorded == 0


def test_other_events_are_checked_too(new_client):
    client = new_client()
    with pytest.raises(InvalidEvent, match=r"^server_id: "):
        client.message(server_id="x", account_id=None)
    with pytest.raises(InvalidEvent, match=r"^account_id: "):
        client.connector_removed(server_id=SERVER, account_id=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"account_keys": ""}, "account_keys: "),
        ({"account_keys": "00" * 15}, "account_keys: "),
        ({"account_keys": "secret" * 8}, "account_keys: "),
        ({"account_keys": f"{'00' * 16},{'11' * 16}"}, "account_keys: "),
        ({"account_keys": f"{'00' * 16},2026-02-30:{'11' * 16}"}, "account_keys: "),
        ({"kafka_settings": {"acks": 1}}, "acks is set by the client itself"),
        ({"kafka_settings": {"partitioner": None}}, "partitioner is set by the client itself"),
        ({"bootstrap": "kafka-1"}, "bootstrap_servers: 'kafka-1' is not host:port"),
        ({"bootstrap": "kafka-1:9092,kafka-2:99999"}, "bootstrap_servers: 'kafka-2:99999' is not"),
        ({"kafka_settings": {"sasl_user": "x"}}, "sasl_user is no setting"),
    ],
)
def test_a_wrong_setting_is_named(new_client, arguments, said):
    with pytest.raises(ValueError, match=said):
        new_client(**arguments)


def test_a_folder_that_cannot_be_made_is_an_error_at_once(new_client, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        new_client(spill_folder=tmp_path / "file" / "spill")


def test_nothing_is_lost_between_threads(new_client):
    client = new_client()
    threads = [threading.Thread(target=lambda: [call(client, n) for n in range(5_000)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    stats = client.stats()
    assert (stats.recorded, stats.waiting, stats.spilled, stats.dropped) == (30_000, 30_000, 30_000, 0)


def test_a_full_batch_leaves_at_once_and_without_a_companion(new_client, monkeypatch, eventually):
    monkeypatch.setattr(batcher, "SECONDS_A_BATCH", 3600)
    client = new_client()

    def sizes():
        return [batch.name.events for batch in list(client._line._waiting)]

    for number in range(10_000):
        call(client, number)
    eventually(lambda: sizes() == [10_000], timeout=20)
    with client._batcher._sealing:
        for number in range(15_000):
            call(client, number)
    eventually(lambda: sizes() == [10_000] * 2, timeout=20)
    client.flush(0)
    assert sizes() == [10_000, 10_000, 5_000]


def test_what_fills_no_batch_leaves_by_itself(new_client, eventually):
    client = new_client()
    for number in range(10_003):
        call(client, number)
    eventually(lambda: sum(batch.name.events for batch in list(client._line._waiting)) == 10_003, timeout=20)


def test_memory_is_bounded_while_batches_cannot_be_made(new_client, monkeypatch):
    monkeypatch.setattr(batcher, "MOST_EVENTS_UNSEALED", 20_000)
    client = new_client()
    with client._batcher._sealing:
        for number in range(20_025):
            call(client, number)
        assert client.stats().dropped == 25
    client.close()
    assert client.stats().waiting == 20_000


def test_what_comes_after_the_end_is_dropped_and_counted(new_client):
    client = new_client()
    call(client, at=datetime.now(UTC))
    client.close()
    client.close()
    call(client)
    assert (client.stats().recorded, client.stats().dropped) == (2, 1)


def test_what_has_no_place_at_the_end_is_dropped_and_told(new_client, caplog):
    client = new_client(spill_bytes=4096)
    call(client)
    client.flush(0)
    for number in range(10_000):
        call(client, number)
    client.message(server_id=SERVER, account_id=None)
    client.close(0)
    stats = client.stats()
    assert (stats.recorded, stats.waiting, stats.dropped) == (10_002, stats.spilled, 10_002 - stats.spilled)
    assert stats.dropped >= 10_000
    assert "usage events are dropped at the end" in caplog.text


def counts_in_child(work):
    """What a forked process counts."""
    answer, said = os.pipe()
    if not (child := os.fork()):
        try:
            os.write(said, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    with os.fdopen(answer) as told:
        os.close(said)
        return json.load(told)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # Python from 3.12 advises against what is tested
@pytest.mark.parametrize("closed_in", ["parent", "child"])
def test_a_child_that_records_after_the_end_drops_and_counts_it(new_client, closed_in):
    client = new_client()

    def work():
        client.close(0)
        call(client)
        return [client.stats().recorded, client.stats().dropped]

    if closed_in == "parent":
        client.close(0)
    assert counts_in_child(work) == [1, 1]


def test_the_readme_calls_what_there_is():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    calls = [node for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Call)]
    found = {}
    for made in calls:
        function = made.func.id if isinstance(made.func, ast.Name) else made.func.attr
        found[function] = {each.arg: ... for each in made.keywords}
    inspect.signature(UsageClient).bind(**found["UsageClient"])
    for method in ("tool_call", "message", "connector_removed"):
        inspect.signature(getattr(UsageClient, method)).bind(None, **found[method])
