"""The harness itself: what its proxy sees, and what it would say of wrong figures."""

import math
import threading
from collections import Counter

import numpy as np
import psycopg
import pytest
from embedded import ports
from metrics.domain.latency_histogram import buckets_of
from psycopg import conninfo

from .expected import TopicExpected, bucket_of, facts
from .moments import ACCOUNTS, ANSWER, COMMIT, COPY, FENCE, FENCED, PostgresTap, Trap, Traps, cut
from .round_traffic import Meaning, Meanings
from .tcp_proxy import TcpProxy
from .usage_topic import Found, Sent

FLUSH = (
    "UPDATE usage_offsets SET next_offset = next_offset + 1 WHERE partition = %s",
    "COPY new_accounts FROM STDIN",
    "INSERT INTO server_accounts SELECT account FROM new_accounts",
)


@pytest.fixture(scope="module")
def url(new_database):
    address = new_database("chaos")
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE usage_offsets (partition int, next_offset int)")
        connection.execute("CREATE TABLE server_accounts (account int)")
        connection.execute("INSERT INTO usage_offsets VALUES (0, 0)")
    return address


@pytest.fixture
def door(url):
    traps = Traps()
    place = conninfo.conninfo_to_dict(url)
    proxy = TcpProxy(ports.any_free(), int(place["port"]), lambda: PostgresTap(traps))
    yield traps, conninfo.make_conninfo(url, port=proxy.port)
    proxy.close()


def flush(address):
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TEMPORARY TABLE new_accounts (account int)")
        connection.commit()
        for _ in range(7):  # from the sixth time on, statements are prepared and go by a name
            connection.execute(FLUSH[0], [0])
            with connection.cursor().copy(FLUSH[1]) as copy:
                copy.write_row((1,))
            connection.execute(FLUSH[2])
            connection.commit()


@pytest.mark.parametrize(
    ("moment", "most"), [(FENCE, 7), (FENCED, 14), (COPY, 7), (ACCOUNTS, 7), (COMMIT, 7), (ANSWER, 7)]
)
def test_each_moment_is_seen_each_time(door, moment, most):
    traps, address = door
    last, beyond = Trap(moment, most, lambda: None), Trap(moment, most + 1, lambda: None)
    for trap in (last, beyond):
        traps.set(trap)
        flush(address)
    assert last.sprung.is_set()
    assert not beyond.sprung.is_set()


@pytest.mark.parametrize(("moment", "committed"), [(COMMIT, False), (ANSWER, True)])
def test_a_commit_is_lost_before_or_after_it_took_effect(door, url, moment, committed):
    traps, address = door
    traps.set(Trap(moment, 1, cut))
    before = offset(url)
    with pytest.raises(psycopg.OperationalError):
        flush(address)
    assert offset(url) == before + committed


def offset(url):
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT next_offset FROM usage_offsets").fetchall()[0][0]


def test_a_proxy_takes_nobody_while_it_refuses(door, url):
    proxy = TcpProxy(ports.any_free(), int(conninfo.conninfo_to_dict(url)["port"]))
    address = conninfo.make_conninfo(url, port=proxy.port)
    with psycopg.connect(address) as connection:
        proxy.refuse()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)
    proxy.admit()
    psycopg.connect(address).close()
    proxy.close()


def expected_of(*values):
    meanings, figures = Meanings(), Counter()
    records = [Sent(0, value, ()) for value in values]
    for record in records:
        meanings.learn(record, Meaning(poison="empty") if record.value == b"bad" else Meaning())
    topic = TopicExpected("t", meanings, figures)
    topic.extend({0: [Found(n, 0, record.value, ()) for n, record in enumerate(records)]})
    return topic, figures


def test_a_flood_must_stop_where_it_is_one():
    topic, figures = expected_of(*[b"bad"] * 99, b"good", *[b"bad"] * 101)
    topic.advance({0: 199})
    assert topic.faults == []
    assert figures["ledger", "t", 0, "records_dead"] == 198
    topic.advance({0: 200})
    assert len(topic.faults) == 1
    resumed, _ = expected_of(*[b"bad"] * 101)
    resumed.resume(0, 99)
    resumed.advance({0: 101})
    assert resumed.faults == []


def expected_of_numbers(*numbers):
    meanings, figures = Meanings(), Counter()
    own = [(("producer-id", b"p"), ("sequence", b"%d" % number)) for number in numbers]
    for headers in own:
        meanings.learn(Sent(0, b"good", headers), Meaning())
    topic = TopicExpected("t", meanings, figures)
    topic.extend({0: [Found(n, 0, b"good", headers) for n, headers in enumerate(own)]})
    topic.advance({0: len(numbers)})
    assert topic.faults == []
    return {entry: amount for (_, _, _, entry), amount in figures.items()}


def test_only_what_was_counted_may_be_out_of_its_window():
    """One that was never counted is expected as counted, so that a worker that leaves it out is found."""
    assert expected_of_numbers(1, 2, 64, 1, 2) == {
        "records": 5,
        "records_counted": 3,
        "records_out_of_window": 1,
        "records_duplicate": 1,
    }
    assert expected_of_numbers(64, 1) == {"records": 2, "records_counted": 2}


def test_what_the_broker_and_the_offsets_may_not_do():
    topic, _ = expected_of(b"good", b"good")
    topic.advance({0: 2})
    topic.advance({0: 1})
    topic.advance({0: 3})
    topic.extend({0: [Found(7, 0, b"", ())]})
    assert [fault.split(":")[0] for fault in topic.faults] == ["offsets", "offsets", "broker"]
    stranger, _ = expected_of(b"good")
    stranger.extend({0: [Found(1, 0, b"never sent", ())]})
    stranger.advance({0: 2})
    assert "nobody sent" in stranger.faults[0]


def test_an_account_counts_once_a_day():
    assert facts(Counter({("account", "s", 1, 2, "called"): 5, ("server", "s", 2, "calls"): 5, ("ledger",): 0})) == {
        ("account", "s", 1, 2, "called"): 1,
        ("server", "s", 2, "calls"): 5,
    }


def test_a_duration_is_in_the_bucket_that_holds_it():
    """Reckoned in whole numbers, and beside the borders, up to an hour, as the worker does it with logarithms."""
    assert [bucket_of(n) for n in (0, 1, 2, 3, 4)] == [0, 1, 65, 103, 129]
    borders = [math.floor(2 ** (step / 64)) + beside for step in range(64 * 32) for beside in (-1, 0, 1)]
    counted = buckets_of(np.array([max(0, each) for each in borders], np.uint64))
    assert [bucket_of(max(0, each)) for each in borders] == counted.tolist()


def test_threads_end_with_the_connection(door):
    _, address = door
    before = threading.active_count()
    for _ in range(5):
        psycopg.connect(address).close()
    assert threading.active_count() <= before + 4
