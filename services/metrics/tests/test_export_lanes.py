"""Numbers of OTLP exports."""

import pytest
from metrics.domain import export_lanes
from metrics.domain.export_lanes import ExportLanes, UnderWay
from metrics.domain.sequence_window import SequenceWindow


def write(lanes, digest, *, works=True):
    with lanes.lane(digest) as lane:
        number = None if lane.is_written else (lane.producer_id, lane.sequence)
        lane.is_written = lane.is_written or works
    return number


def test_an_export_that_the_broker_has_is_not_written_again():
    lanes = ExportLanes("run")
    assert write(lanes, b"a") == ("otlp-run-1", 1)
    assert write(lanes, b"a") is None
    assert write(lanes, b"b") == ("otlp-run-1", 2)


def test_one_that_failed_keeps_its_number_until_it_is_written():
    lanes = ExportLanes("run")
    assert write(lanes, b"a", works=False) == ("otlp-run-1", 1)
    assert write(lanes, b"b") == ("otlp-run-2", 1)
    assert write(lanes, b"a", works=False) == ("otlp-run-1", 1)
    assert write(lanes, b"a") == ("otlp-run-1", 1)
    assert write(lanes, b"a") is None


def test_one_that_is_being_written_is_not_begun_again():
    lanes = ExportLanes("run")
    with lanes.lane(b"a") as lane:
        with pytest.raises(UnderWay), lanes.lane(b"a"):
            pass
        lane.is_written = True
    assert write(lanes, b"a") is None


def test_an_error_leaves_the_number_with_the_export():
    lanes = ExportLanes("run")
    with pytest.raises(OSError, match="gone"), lanes.lane(b"a"):
        raise OSError("gone")
    assert write(lanes, b"b") == ("otlp-run-2", 1)
    assert write(lanes, b"a") == ("otlp-run-1", 1)


def test_failures_never_use_up_the_lanes(monkeypatch):
    monkeypatch.setattr(export_lanes, "MOST_LANES", 3)
    lanes = ExportLanes("run")
    numbers = [write(lanes, bytes([n]), works=False) for n in range(7)]
    assert numbers[:4] == [("otlp-run-1", 1), ("otlp-run-2", 1), ("otlp-run-3", 1), ("otlp-run-1", 2)]
    assert write(lanes, bytes([6])) == numbers[6]
    with lanes.lane(b"x"), lanes.lane(b"y"), lanes.lane(b"z"), pytest.raises(UnderWay), lanes.lane(b"more"):
        pass


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(export_lanes, "MOST_REMEMBERED", 2)
    lanes = ExportLanes("run")
    assert [write(lanes, digest) for digest in (b"a", b"b", b"c", b"b", b"a")] == [
        ("otlp-run-1", 1),
        ("otlp-run-1", 2),
        ("otlp-run-1", 3),
        None,
        ("otlp-run-1", 4),
    ]


def test_no_number_is_ever_taken_as_counted():
    """However failures and successes mix, ingest's window takes each export's record the first time it sees it."""
    lanes, windows = ExportLanes("run"), {}
    for n in range(5_000):
        producer, sequence = write(lanes, n.to_bytes(4, "big"), works=bool(n % 3))
        window = windows.get(producer, SequenceWindow())
        assert not window.has(sequence)
        windows[producer] = window.with_sequence(sequence)
