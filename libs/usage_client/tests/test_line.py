"""The order in which batches leave, whatever happens to some of them."""

import contextlib
import errno
import itertools
import os
import random
import threading
from pathlib import Path

import pytest
from kafka.errors import KafkaTimeoutError
from kafka.future import Future
from metrics.domain.sequence_window import SequenceWindow
from usage_client import line as lines
from usage_client import trouble
from usage_client.counts import Counts
from usage_client.line import MOST_IN_FLIGHT, Line
from usage_client.spill import ProducerFolder, Room, StoredBatch


class Told:
    """What the broker says of a record that it has."""

    offset = 0


@pytest.fixture
def made(tmp_path):
    """made(limit) -> a line and its counts."""

    def make(limit=2**30):
        counts = Counts()
        return Line(ProducerFolder(tmp_path, "p"), Room(limit), counts), counts

    return make


def sent_by(line):
    """Sends what may be sent now: the numbers, and a future for each."""
    futures = {}
    line.send(lambda name, value: futures.setdefault((name.sequence, value), Future()))
    return futures


@contextlib.contextmanager
def failing(method, name, reason):
    """Within it, that method of a Path fails for files of that name."""
    original = getattr(Path, method)

    def fail(path, *arguments, **more):
        if path.name == name:
            raise OSError(reason, os.strerror(reason), str(path))
        return original(path, *arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, method, fail)
        yield


def test_at_most_as_many_are_in_flight_as_the_ingest_remembers(made):
    line, counts = made()
    for number in range(200):
        assert line.add(10, b"%d" % number, durable=False)
    first = sent_by(line)
    assert [sequence for sequence, _ in first] == list(range(1, MOST_IN_FLIGHT + 1))
    *_, last = first.values()
    last.success(Told)
    assert (line.settle(), sent_by(line)) == (0, {})
    next(iter(first.values())).success(Told)
    assert line.settle() == 1
    assert [sequence for sequence, _ in sent_by(line)] == [MOST_IN_FLIGHT + 1]
    assert counts.sent == 10


def test_a_gap_of_numbers_counts_as_if_it_were_full(made, tmp_path):
    folder = ProducerFolder(tmp_path, "ended")
    for sequence in (5, 6, 5 + MOST_IN_FLIGHT, 500):
        folder.store(StoredBatch(sequence, 1), b"value")
    line = Line.of_ended_run(folder, Room(2**30), Counts())
    first = sent_by(line)
    assert [sequence for sequence, _ in first] == [5, 6]
    for future in first.values():
        future.success(Told)
    assert line.settle() == 2
    assert [sequence for sequence, _ in sent_by(line)] == [5 + MOST_IN_FLIGHT]


@pytest.mark.parametrize("seed", range(4))
def test_the_ingest_counts_each_batch_once_whatever_gets_lost(made, seed):
    """Records and acknowledgements get lost at random; batches go to disk at random; connections end at random."""
    chance, (line, counts) = random.Random(seed), made()
    window, counted, added, waiting = SequenceWindow(), [], 0, {}
    values = {}
    while added < 250 or not line.is_empty:
        for _ in range(min(chance.randrange(8), 250 - added)):
            added += 1
            values[added] = b"%d" % added
            assert line.add(1, values[added], durable=chance.random() < 0.1)
        if chance.random() < 0.1:
            line.spill()
        for (sequence, value), future in sent_by(line).items():
            assert value == values[sequence]
            waiting[sequence] = future
        for sequence in chance.sample(sorted(waiting), min(len(waiting), 5)):
            arrives = chance.random() < 0.9
            if arrives and not window.has(sequence):
                counted.append(sequence)
                window = window.with_sequence(sequence)
            if arrives and chance.random() < 0.8:
                waiting.pop(sequence).success(Told)
            elif chance.random() < 0.3:
                waiting.pop(sequence).failure(KafkaTimeoutError("lost"))
        try:
            line.settle()
        except KafkaTimeoutError:
            line.rewind()
            waiting.clear()
    assert sorted(counted) == list(range(1, 251))
    assert (counts.sent, counts.dropped) == (250, 0)
    assert line._room.taken == 0


@pytest.mark.parametrize("value", [None, type("NoOffset", (), {"offset": -1})])
def test_only_an_offset_proves_that_a_batch_arrived(made, value):
    line, _ = made()
    line.add(1, b"value", durable=False)
    (future,) = sent_by(line).values()
    future.success(value)
    with pytest.raises(OSError, match="did not say"):
        line.settle()
    line.rewind()
    assert list(sent_by(line)) == [(1, b"value")]


def test_a_record_that_the_client_forgot_is_sent_again(made, monkeypatch):
    line, _ = made()
    line.add(1, b"value", durable=False)
    sent_by(line)
    assert line.settle() == 0
    monkeypatch.setattr(lines, "MOST_SECONDS_IN_FLIGHT", -1)
    with pytest.raises(TimeoutError):
        line.settle()


def test_once_one_is_on_disk_later_ones_go_there_until_all_are_sent(made, tmp_path):
    line, counts = made()
    line.add(1, b"old", durable=False)
    line.spill(older_than=3600)
    assert counts.spilled == 0
    line.spill()
    line.add(1, b"new", durable=False)
    assert counts.spilled == 2
    for future in sent_by(line).values():
        future.success(Told)
    assert line.settle() == 2
    line.add(1, b"newest", durable=False)
    assert counts.spilled == 2
    assert list((tmp_path / "p").iterdir()) == []


def test_a_full_disk_drops_the_newest_and_leaves_no_gap(made, monkeypatch):
    monkeypatch.setattr(lines, "MOST_BYTES_IN_MEMORY", 100)
    line, counts = made(limit=3 * 4096)
    kept = [line.add(1, bytes(60), durable=False) for _ in range(7)]
    assert kept == [True, True, True, True, False, False, False]
    assert line._room.taken == 3 * 4096
    for future in sent_by(line).values():
        future.success(Told)
    line.settle()
    assert line.add(1, bytes(60), durable=False)
    assert [sequence for sequence, _ in sent_by(line)] == [5]
    assert counts.sent == 4


def test_a_folder_that_cannot_be_written_leaves_batches_in_memory(made, tmp_path, monkeypatch):
    line, counts = made()
    (tmp_path / "p").write_text("in the way of the folder")
    line.add(1, b"value", durable=True)
    line.spill()
    assert (counts.spilled, line._room.taken) == (0, 0)
    assert list(sent_by(line)) == [(1, b"value")]


def test_a_spilled_file_that_is_gone_is_counted_and_holds_nothing_up(made, tmp_path):
    line, counts = made()
    for number in range(3):
        line.add(7, b"%d" % number, durable=True)
    sorted((tmp_path / "p").iterdir())[1].unlink()
    assert [sequence for sequence, _ in sent_by(line)] == [1, 3]
    assert counts.dropped == 7


@pytest.mark.parametrize("reason", [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EACCES])
def test_a_file_that_cannot_be_read_for_a_while_costs_nothing_and_is_named(made, monkeypatch, caplog, reason):
    monkeypatch.setattr(trouble, "_said", {})
    line, counts = made()
    for number in range(1, 6):
        line.add(10, b"%d" % number, durable=True)
    name = StoredBatch(3, 10).file
    with failing("read_bytes", name, reason):
        assert [sequence for sequence, _ in sent_by(line)] == [1, 2]
        assert sent_by(line) == {}
    assert name in caplog.text
    assert list(sent_by(line)) == [(3, b"3"), (4, b"4"), (5, b"5")]
    assert counts.dropped == 0


def test_a_file_that_the_disk_cannot_read_is_lost_alone_named_and_never_adopted(made, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(trouble, "_said", {})
    line, counts = made()
    for _ in range(3):
        line.add(10, b"value", durable=True)
    damaged = StoredBatch(2, 10)
    with failing("read_bytes", damaged.file, errno.EIO):
        assert [sequence for sequence, _ in sent_by(line)] == [1, 3]
    assert counts.dropped == 10
    assert damaged.file in caplog.text
    line.rewind()
    line.folder.close()
    left = ProducerFolder.adopt(tmp_path, "p")
    assert [batch.sequence for batch, _ in left.stored()] == [1, 3]
    left.close()


def test_a_disk_that_is_broken_altogether_is_waited_for(made):
    line, counts = made()
    for _ in range(3):
        line.add(10, b"value", durable=True)
    name = StoredBatch(1, 10).file
    with failing("read_bytes", name, errno.EIO), failing("unlink", name, errno.EROFS):
        assert sent_by(line) == {}
    assert [sequence for sequence, _ in sent_by(line)] == [1, 2, 3]
    assert counts.dropped == 0


def test_waiting_ends_too_when_the_last_batch_is_lost(made, tmp_path):
    line, _ = made()
    line.add(1, b"value", durable=True)
    waiter = threading.Thread(target=line.wait_until_empty, args=[3600], daemon=True)
    waiter.start()
    (tmp_path / "p" / StoredBatch(1, 1).file).unlink()
    assert sent_by(line) == {}
    waiter.join(20)
    assert not waiter.is_alive()


def test_at_the_end_every_batch_is_tried_and_what_has_no_place_is_lost(made, tmp_path):
    line, counts = made(limit=2 * 4096)
    for size in (4000, 9000, 4000):
        assert line.add(7, bytes(size), durable=False)
    line.leave()
    assert len(list((tmp_path / "p").iterdir())) == 2
    assert (counts.spilled, counts.dropped) == (14, 7)
    assert [sequence for sequence, _ in sent_by(line)] == [1, 3]


def test_waiting_ends_when_everything_is_acknowledged(made):
    line, _ = made()
    assert line.wait_until_empty(0)
    for _ in itertools.repeat(None, 2):
        line.add(1, b"value", durable=False)
    assert not line.wait_until_empty(0)
    for future in sent_by(line).values():
        future.success(Told)
    line.settle()
    assert line.wait_until_empty(0)
