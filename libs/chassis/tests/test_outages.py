"""A process with relay and consumer while its broker and its database are killed: servers of this test's own."""

import subprocess
import sys

import pytest
from chassis.ids import new_id
from chassis.sql.database import Database
from chassis.sql.tables import shared_tables
from directory.listings.v1.listing_events_pb2 import ListingEvent
from embedded import ports
from embedded.kafka import KafkaServer
from embedded.postgres import PostgresServer
from embedded.running import running
from sqlalchemy import MetaData, text

PROCESS = """
import sys
from sqlalchemy import text
from chassis import process
from chassis.kafka.consumer import EventConsumer
from chassis.kafka.relay import OutboxRelay
from chassis.kafka.topics import Topic
from chassis.sql.database import Database
from directory.listings.v1.listing_events_pb2 import ListingEvent

def write_down(event, uow):
    uow.execute(text("INSERT INTO notes (id) VALUES (:id)"), {"id": event.listing_id})

database, bootstrap = Database(sys.argv[1], "outages"), sys.argv[2]
relay = OutboxRelay(database, bootstrap, [Topic("chassis.outages", 2)])
consumer = EventConsumer(bootstrap, "outages", {"chassis.outages": (ListingEvent, write_down)}, database)
sys.exit(process.run({"relay": relay.run, "consumer": consumer.run}))
"""


@pytest.fixture
def servers(servers_folder):
    folder = servers_folder / "outages"
    folder.mkdir()
    folder.chmod(0o711)
    postgres = PostgresServer(folder / "postgres", ports.any_free())
    kafka = KafkaServer(folder / "kafka", ports.any_free(), ports.any_free(), heap_megabytes=128)

    def start(server):
        return running(server, servers_folder / f"outages-{server.name}.out")

    return postgres, kafka, start


def prepare(database):
    metadata = MetaData()
    shared_tables(metadata)
    metadata.create_all(database.engine)
    with database.transaction() as uow:
        uow.execute(text("CREATE TABLE notes (id text PRIMARY KEY)"))
        uow.commit()


def test_nothing_is_lost_or_doubled_when_broker_and_database_are_killed(servers, eventually):
    postgres, kafka, start = servers

    def emit(name):
        event = ListingEvent(event_id=new_id(), listing_id=name)
        database.run(lambda uow: uow.emit("chassis.outages", name, event))

    def arrived():
        with database.read() as connection:
            return sorted(connection.execute(text("SELECT id FROM notes")).scalars())

    with start(postgres) as database_process:
        database = Database(postgres.admin_url(), "outages-test")
        prepare(database)
        command = [sys.executable, "-c", PROCESS, postgres.admin_url(), kafka.bootstrap]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                emit("1, before there is a Kafka")
                with start(kafka) as broker:
                    eventually(lambda: len(arrived()) == 1, timeout=60)
                    broker.kill()
                    broker.wait()
                emit("2, while it is away")
                with start(kafka):
                    eventually(lambda: len(arrived()) == 2, timeout=60)
                    database_process.kill()
                    database_process.wait()
                    with start(postgres):
                        emit("3, after the database was killed")
                        eventually(lambda: len(arrived()) == 3, timeout=60)
                        assert process.poll() is None
                        process.terminate()
                        assert process.wait(30) == 0
            finally:
                process.kill()
                database.dispose()
