"""Brokers that die, hang and lose answers; processes that are killed and forked. Everything counts once."""

import json
import os
import random
import subprocess
import sys
import uuid
from collections import Counter

import pytest
from chassis.kafka.topics import Topic, ensure_topics
from chassis.sql import migrations
from chassis.sql.database import Database
from metrics.wiring import USAGE
from sqlalchemy import text
from usage_client.spill import StoredBatch

from .conftest import SERVER, call, numbers_of, records_of, worker_under_test

PROXY = """
import sys
from usage_client import UsageClient
bootstrap, topic, folder, server, durable = sys.argv[1:]
usage = UsageClient(bootstrap_servers=bootstrap, topic=topic, spill_folder=folder, account_keys="00" * 16,
                    durable=durable == "durable")
recorded = 0
for line in sys.stdin:
    word, _, number = line.strip().partition(" ")
    if word == "record":
        for _ in range(int(number)):
            recorded += 1
            usage.tool_call(server_id=server, product="claude_ai", tool="search", account_id=f"person-{recorded % 7}",
                            outcome="ok", duration=0.01, http_status=200)
        print("recorded", flush=True)
    elif word == "flush":
        print(usage.flush(float(number)), flush=True)
    elif word == "stats":
        print(usage.stats().waiting, usage.stats().spilled, flush=True)
    elif word == "close":
        usage.close(float(number))
        print("closed", flush=True)
"""


class Proxy:
    """A proxy in a process of its own."""

    def __init__(self, bootstrap, topic, folder, *, durable=False):
        arguments = [bootstrap, topic, folder, SERVER, "durable" if durable else "quick"]
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROXY, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, words):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def all_spilled(self):
        """Whether everything that waits is on disk."""
        waiting, spilled = map(int, self.tell("stats").split())
        return waiting and spilled >= waiting

    def kill(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def new_proxy(tmp_path):
    """new_proxy(bootstrap, topic) starts one; none outlives the test, all use one folder."""
    started = []

    def start(bootstrap, topic, **more):
        started.append(Proxy(bootstrap, topic, tmp_path / "spill", **more))
        return started[-1]

    yield start
    for proxy in started:
        proxy.kill()


@pytest.fixture
def own_topic(broker, request):
    """A fresh usage topic on the broker that may be stopped, which runs."""
    broker.start()
    name = f"usage-{abs(hash(request.node.name))}"
    ensure_topics(broker.bootstrap, [Topic(name, 3, USAGE.config)])
    return name


@pytest.fixture
def counted(new_database, eventually):
    """counted(bootstrap, topic) -> the calls that the ingest counts there, by (server, tool), when it has read all."""
    url = new_database("metrics")
    migrations.upgrade("metrics", url)
    database = Database(url, "tests")

    def count(bootstrap, topic):
        records = records_of(bootstrap, topic)
        with worker_under_test.WorkerThread(url, worker_under_test.plan(bootstrap, topic)):
            eventually(lambda: worker_under_test.ledger(database).get("records") == len(records))
        assert worker_under_test.ledger(database)["records_counted"] == len(set(numbers_of(records)))
        with database.read() as connection:
            rows = connection.execute(text("SELECT server_id, tool, calls FROM usage_tool_days")).all()
        calls = Counter()
        for server_id, tool, number in rows:
            calls[str(server_id), tool] += number
        return calls

    yield count
    database.dispose()


def nothing_left(tmp_path):
    return list((tmp_path / "spill").iterdir()) == []


def test_events_reach_the_rollups(new_client, kafka, usage_topic, counted, tmp_path):
    client, chance, calls = new_client(kafka, usage_topic), random.Random(1), Counter()
    for number in range(25_000):
        server, tool = str(uuid.UUID(int=chance.randrange(20))), f"tool-{chance.randrange(9)}"
        calls[server, tool] += 1
        call(client, number, server_id=server, tool=tool)
        if number == 12_000:
            assert client.flush(20)
    client.message(server_id=SERVER, account_id="another")
    client.close()
    records = records_of(kafka, usage_topic)
    assert len({record.partition for record in records}) == 1
    assert {record.key.decode() for record in records} == {producer for producer, _ in numbers_of(records)}
    assert sorted(sequence for _, sequence in numbers_of(records)) == list(range(1, len(records) + 1))
    stats = client.stats()
    assert (stats.recorded, stats.sent, stats.waiting, stats.dropped, stats.spilled_bytes) == (25_001, 25_001, 0, 0, 0)
    assert counted(kafka, usage_topic) == calls
    assert nothing_left(tmp_path)


def test_a_killed_proxy_loses_nothing_that_the_dead_broker_did_not_take(
    broker, own_topic, new_proxy, counted, eventually, tmp_path
):
    killed, living = new_proxy(broker.bootstrap, own_topic), new_proxy(broker.bootstrap, own_topic)
    for proxy in (killed, living):
        assert proxy.tell("record 12000") == "recorded"
        assert proxy.tell("flush 20") == "True"
    broker.kill()
    for proxy in (killed, living):
        for _ in range(3):
            assert proxy.tell("record 7000") == "recorded"
        eventually(proxy.all_spilled)
    killed.kill()
    next_run = new_proxy(broker.bootstrap, own_topic)
    assert next_run.tell("record 500") == "recorded"
    broker.start()
    eventually(lambda: living.tell("flush 1") == next_run.tell("flush 1") == "True", timeout=40)
    eventually(lambda: living.tell("stats").split()[0] == next_run.tell("stats").split()[0] == "0")
    for proxy in (living, next_run):
        assert proxy.tell("close 5") == "closed"
    assert counted(broker.bootstrap, own_topic).total() == 2 * 33_000 + 500
    assert nothing_left(tmp_path)


def test_lost_acknowledgements_double_nothing(broker, own_topic, new_client, counted, eventually, tmp_path):
    client = new_client(broker.proxied, own_topic)
    call(client)
    assert client.flush(20)
    broker.proxy.swallow_answers = True
    before = broker.proxy.swallowed
    for number in range(30_000):
        call(client, number)
    client.flush(0)
    eventually(lambda: broker.proxy.swallowed > before)
    eventually(lambda: client.stats().spilled == 30_000)
    broker.proxy.swallow_answers = False
    broker.proxy.cut()
    assert client.flush(30)
    numbers = Counter(numbers_of(records_of(broker.bootstrap, own_topic)))
    assert max(numbers.values()) > 1, "no record came twice, so this proves nothing"
    assert counted(broker.bootstrap, own_topic).total() == 30_001
    client.close()
    assert nothing_left(tmp_path)


def test_a_broker_that_hangs_holds_up_nobody(broker, own_topic, new_client, counted, eventually, tmp_path):
    client = new_client(broker.bootstrap, own_topic)
    call(client)
    assert client.flush(20)
    broker.pause()
    try:
        for number in range(20_000):
            call(client, number)
        eventually(lambda: client.stats().spilled == 20_000)
        client.close(timeout=0.2)
    finally:
        broker.go_on()
    assert client.stats().waiting == 20_000
    next_client = new_client(broker.bootstrap, own_topic)
    eventually(lambda: next_client.stats().adopted == 20_000 and not next_client.stats().waiting)
    next_client.close()
    assert counted(broker.bootstrap, own_topic).total() == 20_001
    assert nothing_left(tmp_path)


def test_an_ended_runs_file_that_cannot_be_read_holds_up_that_run_alone(
    kafka, usage_topic, new_client, eventually, tmp_path
):
    ended = tmp_path / "spill" / "ended"
    in_the_way = ended / StoredBatch(1, 5).file
    in_the_way.mkdir(parents=True)
    (ended / StoredBatch(2, 3).file).write_bytes(b"value")
    client = new_client(kafka, usage_topic)
    eventually(lambda: client.stats().adopted == 8)
    for number in range(3):
        call(client, number)
        assert client.flush(20)
    assert (client.stats().sent, client.stats().waiting, client.stats().dropped) == (3, 8, 0)
    in_the_way.rmdir()
    eventually(lambda: (client.stats().sent, client.stats().waiting, client.stats().dropped) == (6, 0, 5))
    eventually(lambda: not ended.exists())
    client.close()
    assert ("ended", 2) in numbers_of(records_of(kafka, usage_topic))


def test_durable_batches_outlive_a_kill_whenever_it_comes(kafka, usage_topic, new_proxy, counted, eventually, tmp_path):
    for _ in range(2):
        proxy = new_proxy(kafka, usage_topic, durable=True)
        assert proxy.tell("record 15000") == "recorded"
        eventually(lambda proxy=proxy: int(proxy.tell("stats").split()[1]) == 15_000)
        proxy.kill()
    last = new_proxy(kafka, usage_topic, durable=True)
    eventually(lambda: nothing_left(tmp_path))
    assert last.tell("close 5") == "closed"
    assert counted(kafka, usage_topic).total() == 30_000


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # Python from 3.12 advises against what is tested
def test_a_forked_process_is_a_client_of_its_own(kafka, usage_topic, new_client, counted, eventually, tmp_path):
    client = new_client(kafka, usage_topic)
    for number in range(100):
        call(client, number)
    assert client.flush(20)
    call(client)
    answer, said = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            for number in range(200):
                call(client, number)
            client.close(20)
            os.write(said, json.dumps([client.stats().recorded, client.stats().sent]).encode())
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert json.loads(os.read(answer, 1000)) == [200, 200]
    for number in range(50):
        call(client, number)
    assert client.flush(20)
    client.close()
    for end in (answer, said):
        os.close(end)
    assert len({producer for producer, _ in numbers_of(records_of(kafka, usage_topic))}) == 2
    assert counted(kafka, usage_topic).total() == 351
    assert nothing_left(tmp_path)


def test_an_end_without_close_keeps_everything(kafka, usage_topic, counted, tmp_path):
    program = PROXY.replace("for line in sys.stdin:", "for line in ['record 10', 'flush 20', 'record 3000']:")
    arguments = [kafka, usage_topic, tmp_path / "spill", SERVER, "quick"]
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert counted(kafka, usage_topic).total() == 3_010
    assert nothing_left(tmp_path)
