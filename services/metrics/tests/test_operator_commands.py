"""What an operator sees and does: the commands as they are typed."""

import json
import re
from dataclasses import replace
from pathlib import Path

import metrics
import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource
from metrics import operator_commands, wiring
from metrics.consumers.usage_worker import WorkerPlan
from metrics.domain.arrow_limits import REASONS
from metrics.processes.unread import current_topic_id
from metrics.wiring import USAGE
from sqlalchemy import text

from .records import batch
from .worker_under_test import WorkerThread, ledger, plan, send, total_calls

_UNREADABLE = re.compile(r"UnreadableRecord\(\s*\"(\w+)\"")

pytestmark = pytest.mark.usefixtures("emptied")


def worker(kafka, topic, name="worker-7") -> WorkerPlan:
    return plan(kafka, topic, name)


def test_status_tells_who_has_what_and_how_far_it_is(database, kafka, usage_topic, events, eventually, command):
    send(kafka, usage_topic, [(0, *batch(events(10), "p", 1)), (2, *batch(events(4), "q", 1))])
    before = json.loads(command("status", "--json"))
    assert [(p["owner"], p["worker"], p["lag_records"]) for p in before["partitions"]] == [
        (None, None, 1),
        (None, None, 0),
        (None, None, 1),
    ]
    assert before["lag_records"] == 2
    assert 0 <= before["partitions"][0]["lag_seconds"] < 300
    assert before["partitions"][1]["lag_seconds"] is None
    with WorkerThread(database.url, worker(kafka, usage_topic)):
        eventually(lambda: total_calls(database) == 14)
        shown = command("status")
        after = json.loads(command("status", "--json"))
    assert re.search(r"^ +0  worker-7  worker-7 +1 +0 +- +\d+ s ago +10$", shown, re.MULTILINE), shown
    assert "3 partitions, 1 workers\n0 records to read" in shown
    assert re.search(r"^events +14$", shown, re.MULTILINE), shown
    assert "no snapshot yet" in shown
    assert after["topic_id"] == current_topic_id(kafka, usage_topic)
    assert after["entries"]["events_counted"] == 14
    assert {p["owner"] for p in after["partitions"]} == {"worker-7"}
    gone = json.loads(command("status", "--json"))
    assert {(p["owner"], p["worker"]) for p in gone["partitions"] if p["events"]} == {(None, "worker-7")}


def test_a_part_that_is_away_is_one_sentence(command, database):
    assert command("status", KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1", fails=True).startswith(
        "Error: Kafka at 127.0.0.1:1 does not answer"
    )
    gone = f"{database.url.rpartition('/')[0]}/nothing"
    for arguments in (["status"], ["dead-letters", "list"], ["resume", "0"]):
        said = command(*arguments, DATABASE_URL_METRICS=gone, fails=True)
        assert said.startswith("Error: The database does not answer: ")
        assert len(said.splitlines()) == 1


def test_a_topic_that_is_not_there_is_one_sentence(command, monkeypatch):
    monkeypatch.setattr(operator_commands, "USAGE", replace(wiring.USAGE, name="usage-nowhere"))
    for arguments in (["status"], ["resume", "0"], ["skip", "0", "--yes"]):
        said = command(*arguments, fails=True)
        assert said == "Error: There is no topic usage-nowhere: `metrics migrate` makes it.\n"


def test_skip_says_that_records_were_removed(database, kafka, usage_topic, events, eventually, command):
    with WorkerThread(database.url, worker(kafka, usage_topic)):
        send(kafka, usage_topic, [(0, b"poison", [("content-type", b"text/plain")])] * 103)
        eventually(lambda: "flood" in command("status"))
        admin = KafkaAdminClient(bootstrap_servers=kafka)
        admin.delete_records({TopicPartition(usage_topic, 0): 102})
        admin.close()
        said = command("skip", "0", "--yes", fails=True)
        assert "at 99 to 101 was removed from the topic, uncounted" in said
        assert "can be read at 102: `metrics resume 0`" in said
        assert "goes on" in command("resume", "0")
        eventually(lambda: ledger(database)["records_dead"] == 100)


def test_dead_letters_from_finding_them_to_removing_them(
    database, kafka, usage_topic, events, eventually, command, tmp_path
):
    value, headers = batch(events(30), "big", 1)
    poison = (1, b"\x00poison", [("content-type", b"text/plain")], b"edge-\xff7")
    limited = plan(kafka, usage_topic)
    limited = replace(limited, limits=replace(limited.limits, rows=20))
    with WorkerThread(database.url, limited):
        send(kafka, usage_topic, [(0, value, headers), poison, poison])
        eventually(lambda: ledger(database).get("records_dead") == 3)
    everything = command("dead-letters", "list")
    assert re.search(r"^unknown_content_type +2 ", everything, re.MULTILINE)
    assert re.search(r" edge-\\xff7 +unknown_content_type", everything)
    assert re.search(r" big +record_too_large", everything)
    assert "record_too_large" not in command("dead-letters", "list", "--reason", "unknown_content_type")
    one = command("dead-letters", "list", "--partition", "0")
    letter_id = one.splitlines()[-1].split()[0]
    shown = command("dead-letters", "show", letter_id)
    assert "record_too_large: 30 rows" in shown
    assert "producer big, key None\n" in shown
    assert {"header producer-id: big", "header sequence: 1"} < set(shown.splitlines())
    command("dead-letters", "export", letter_id, str(tmp_path / "letter"))
    assert (tmp_path / "letter").read_bytes() == value
    assert "0 of 2 counted" in command("dead-letters", "replay", "--reason", "unknown_content_type", fails=True)
    assert f"{10**9} is gone\n0 of 1 counted" in command("dead-letters", "replay", str(10**9), fails=True)
    assert "30 of 30 events\n1 of 1 counted" in command("dead-letters", "replay", "--partition", "0")
    assert total_calls(database) == 30
    assert "no dead letter" in command("dead-letters", "show", letter_id, fails=True)
    assert "0 removed" in command("dead-letters", "purge", "--older-than", "1", "--yes")
    assert "2 removed" in command("dead-letters", "purge", "--older-than", "0", "--yes")
    assert command("dead-letters", "list") == "There are none.\n"
    assert ledger(database)["records_dead"] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["purge", "--yes", "--older-than", "99999999999"], "--older-than"),
        (["list", "--partition", "99999999999999999"], "--partition"),
        (["list", "--reason", "unknown_contenttype"], "'unknown_content_type'"),
        (["list", "--limit", "-1"], "--limit"),
        (["show", "99999999999999999999"], "LETTER_ID"),
        (["replay", "99999999999999999999"], "LETTER_IDS"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else value,
)
def test_a_number_or_reason_that_cannot_be_is_refused(command, arguments, said):
    assert said in command("dead-letters", *arguments, fails=2)


def test_every_reason_can_be_asked_for_and_is_told_to_producers():
    source = Path(metrics.__file__).parent
    used = {name for file in source.rglob("*.py") for name in _UNREADABLE.findall(file.read_text())}
    page = (Path(__file__).parents[3] / "docs/usage-events.md").read_text()
    assert used == set(REASONS)
    assert [name for name in REASONS if f"`{name}`" not in page] == []


def test_a_stopped_partition_is_shown_and_let_go(database, kafka, usage_topic, events, eventually, command):
    poison = [(0, b"poison", [("content-type", b"text/plain")])] * 100
    with WorkerThread(database.url, worker(kafka, usage_topic)):
        send(kafka, usage_topic, poison)
        eventually(lambda: "flood" in command("status"))
        assert "1 stopped: " in command("status")
        assert "goes on" in command("resume", "0")
        eventually(lambda: ledger(database)["records_dead"] == 100)
    assert "is not stopped" in command("resume", "1", fails=True)


def test_settings_of_the_topic_that_are_not_ours_are_told_and_left(database, kafka, usage_topic, command):
    assert json.loads(command("status", "--json"))["settings"] == []
    assert "should be" not in command("status")
    theirs = {"message.timestamp.type": "CreateTime", "max.message.bytes": "1000"}
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.alter_configs([ConfigResource("topic", usage_topic, theirs)])
    admin.close()
    expected = [
        {"name": "max.message.bytes", "theirs": "1000", "ours": USAGE.config["max.message.bytes"]},
        {"name": "message.timestamp.type", "theirs": "CreateTime", "ours": "LogAppendTime"},
    ]
    for _ in range(2):  # asking changes nothing
        assert json.loads(command("status", "--json"))["settings"] == expected
    shown = command("status")
    assert re.search(r"^message.timestamp.type +CreateTime +LogAppendTime$", shown, re.MULTILINE), shown


@pytest.mark.parametrize("complete", [True, False])
def test_status_says_that_the_snapshot_lacks_something(database, command, complete):
    with database.transaction() as uow:
        uow.execute(
            text(
                "WITH made AS (INSERT INTO generations (as_of, policy, started_at, computed_at, servers, complete)"
                " VALUES ('2026-03-09', 'p/1', now(), now(), 4, :complete) RETURNING as_of, generation)"
                " INSERT INTO snapshots SELECT * FROM made"
            ),
            {"complete": complete},
        )
        uow.commit()
    assert json.loads(command("status", "--json"))["snapshot"]["incomplete"] is not complete
    assert ("incomplete: some of the day was not counted" in command("status")) is not complete
