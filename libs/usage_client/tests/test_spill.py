"""Batches on disk."""

import subprocess
import sys
from unittest.mock import Mock

import pytest
from usage_client import spill
from usage_client.spill import ProducerFolder, Room, StoredBatch, producer_ids

HOLD = """
import sys
from pathlib import Path
from usage_client.spill import ProducerFolder, StoredBatch
folder = ProducerFolder(Path(sys.argv[1]), "other")
folder.store(StoredBatch(1, 10), b"one")
print("stored", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """A process that has a batch in the same spill folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "stored\n"
    yield process
    process.kill()
    process.communicate()


def test_batches_come_back_in_order(tmp_path):
    folder = ProducerFolder(tmp_path, "p")
    assert producer_ids(tmp_path) == []
    for sequence in (10, 9, 2):
        folder.store(StoredBatch(sequence, 5), b"%d" % sequence)
    folder.close()
    adopted = ProducerFolder.adopt(tmp_path, "p")
    found = list(adopted.stored())
    assert found == [(StoredBatch(2, 5), 1), (StoredBatch(9, 5), 1), (StoredBatch(10, 5), 2)]
    assert [adopted.read(batch) for batch, _ in found] == [b"2", b"9", b"10"]
    for batch, _ in found:
        adopted.remove(batch)
    adopted.close()
    assert producer_ids(tmp_path) == []


def test_a_living_process_keeps_what_it_has(tmp_path, other):
    assert producer_ids(tmp_path) == ["other"]
    assert ProducerFolder.adopt(tmp_path, "other") is None


def test_what_a_killed_process_had_is_adopted_by_one(tmp_path, other):
    other.kill()
    other.wait()
    adopted = ProducerFolder.adopt(tmp_path, "other")
    assert [batch for batch, _ in adopted.stored()] == [StoredBatch(1, 10)]
    assert ProducerFolder.adopt(tmp_path, "other") is None
    adopted.close()
    assert ProducerFolder.adopt(tmp_path, "other") is not None


def test_what_belongs_to_another_user_is_told(tmp_path, monkeypatch, caplog):
    folder = ProducerFolder(tmp_path, "p")
    folder.store(StoredBatch(1, 5), b"theirs")
    folder.close()
    monkeypatch.setattr(spill.os, "open", Mock(side_effect=PermissionError(13, "Permission denied")))
    assert ProducerFolder.adopt(tmp_path, "p") is None
    assert "belongs to another user" in caplog.text


def test_a_batch_that_was_never_finished_is_none(tmp_path):
    folder = ProducerFolder(tmp_path, "p")
    folder.store(StoredBatch(1, 5), b"whole")
    folder.close()
    (tmp_path / "p" / (StoredBatch(2, 5).file + ".unfinished")).write_bytes(b"ha")
    (tmp_path / "p" / "notes").write_text("not ours")
    adopted = ProducerFolder.adopt(tmp_path, "p")
    assert [batch for batch, _ in adopted.stored()] == [StoredBatch(1, 5)]
    assert sorted(path.name for path in (tmp_path / "p").iterdir()) == [StoredBatch(1, 5).file, "notes"]
    adopted.close()


def test_a_folder_that_somebody_removed_is_made_again(tmp_path):
    folder = ProducerFolder(tmp_path, "p")
    folder.store(StoredBatch(1, 5), b"one")
    folder.remove(StoredBatch(1, 5))
    (tmp_path / "p").rmdir()
    folder.store(StoredBatch(2, 5), b"two")
    assert ProducerFolder.adopt(tmp_path, "p") is None
    assert folder.read(StoredBatch(2, 5)) == b"two"
    folder.close()


@pytest.mark.parametrize("name", [".hidden", "ä", "x" * 65, "..", "a b"])
def test_only_producer_ids_are_names_of_folders(tmp_path, name):
    if name != "..":
        (tmp_path / name).mkdir()
    assert producer_ids(tmp_path) == []
    assert ProducerFolder.adopt(tmp_path, name) is None


def test_room_is_counted_in_blocks():
    room = Room(3 * 4096)
    assert room.take(1)
    assert room.take(4097)
    assert not room.take(1)
    room.free(4097)
    room.occupy(20_000)
    assert room.taken == 6 * 4096
    assert not room.take(1)
