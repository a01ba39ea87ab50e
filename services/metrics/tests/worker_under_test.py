"""A worker in a thread or in a process of its own, and a producer."""

import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from chassis.process import Stop
from chassis.sql.database import Database
from kafka import KafkaProducer
from metrics.consumers.usage_worker import UsageWorker, WorkerPlan
from metrics.domain.arrow_limits import RecordLimits
from sqlalchemy import text

PROGRAM = """
import sys, time
from chassis.process import run
from chassis.sql.database import Database
from metrics.consumers.usage_worker import UsageWorker, WorkerPlan
url, bootstrap, topic, name, seconds = sys.argv[1:]
plan = WorkerPlan(bootstrap, topic, "group-" + topic, name, float(seconds), 1_000)
worker = UsageWorker(Database(url, name, 2), plan, lambda: time.time_ns() // 1000)
sys.exit(run({"ingest": worker.run, "watch": worker.health.watch}))
"""


def plan(bootstrap, topic, name="worker", *, seconds=0.2, events=100_000, limits=None):
    return WorkerPlan(bootstrap, topic, f"group-{topic}", name, seconds, events, limits or RecordLimits())


class WorkerThread:
    """`with WorkerThread(url, plan):` runs a worker; its failure is raised at the end."""

    def __init__(self, url, plan):
        self.database = Database(url, plan.name, pool_size=2)
        self.worker = UsageWorker(self.database, plan, lambda: time.time_ns() // 1000)
        self.stop = Stop()
        self.failure = None
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        try:
            self.worker.run(self.stop)
        except BaseException as error:
            self.failure = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(60)
        self.database.dispose()
        assert not self.thread.is_alive()
        if self.failure:
            raise self.failure


@pytest.fixture
def worker_process():
    """worker_process(url, bootstrap, topic, name, seconds) starts a process; none outlives the test."""
    started = []

    def start(url, bootstrap, topic, name, seconds=0.1):
        arguments = [sys.executable, "-c", PROGRAM, url, bootstrap, topic, name, str(seconds)]
        started.append(subprocess.Popen(arguments, stdout=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@contextmanager
def kept_worker(start):
    """`with kept_worker(lambda: worker_process(...)):` starts the process again whenever it ends, as compose does."""
    over = threading.Event()

    def keep():
        while not over.is_set():
            process = start()
            while process.poll() is None and not over.wait(0.05):
                pass
        process.terminate()

    keeper = threading.Thread(target=keep)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def send(bootstrap, topic, records):
    """Of each record partition, value and headers, and a key where it has one."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5, max_request_size=5 * 1024 * 1024)
    sent = [
        producer.send(topic, partition=p, value=value, headers=headers, key=key[0] if key else None)
        for p, value, headers, *key in records
    ]
    for each in sent:
        assert each.get(timeout=20).offset >= 0
    producer.close()


def ledger(database):
    with database.read() as connection:
        rows = connection.execute(text("SELECT entry, sum(amount) FROM usage_ledger GROUP BY entry"))
        return {entry: int(amount) for entry, amount in rows}


def total_calls(database):
    with database.read() as connection:
        return int(connection.execute(text("SELECT coalesce(sum(calls), 0) FROM usage_server_days")).scalar_one())
