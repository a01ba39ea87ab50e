"""When a partition is behind, by how much, and when it stands still."""

import pytest
from metrics.consumers.partition_watch import PartitionWatch, Reading

NOW = 1_700_000_000_000_000


@pytest.fixture
def watch():
    return PartitionWatch(patience=30.0)


def look(watch, *, position, end, arrived_s_ago=None, may_move=True, seconds=10.0, at=0.0):
    arrived = 0 if arrived_s_ago is None else NOW + int((at - arrived_s_ago) * 1_000_000)
    watch.look({3: Reading(position, end, arrived, may_move)}, NOW + int(at * 1_000_000), seconds)


def test_a_partition_that_stands_still_in_spite_of_records_stalls(watch):
    for _ in range(3):
        look(watch, position=5, end=9)
        assert watch.stalled == []
    assert watch.standing
    look(watch, position=5, end=9)
    assert watch.stalled == [3]


@pytest.mark.parametrize(
    "between",
    [
        {"position": 6, "end": 9},
        {"position": 5, "end": 5},
        {"position": 5, "end": 9, "may_move": False},
        {"position": 5, "end": 9, "seconds": 0.0},
    ],
    ids=["it moved", "nothing waits", "it is paused or stopped", "the worker wrote, or was suspended"],
)
def test_what_is_no_stall(watch, between):
    for _ in range(20):
        look(watch, position=5, end=9, seconds=5.0)
        look(watch, **between)
        if between.get("seconds") == 0.0:
            watch = PartitionWatch(patience=30.0)
        assert watch.stalled == []


def test_a_partition_that_went_and_came_back_begins_anew(watch):
    for _ in range(3):
        look(watch, position=5, end=9)
    watch.look({}, NOW, 10.0)
    assert watch.lags == {}
    look(watch, position=5, end=9)
    assert watch.stalled == []
    assert watch.lags == {3: 4}


def test_the_age_of_what_is_known_to_wait(watch):
    watch.look({3: Reading(5, 9, NOW, may_move=False, first_unread_us=NOW - 50_000_000)}, NOW, 10.0)
    assert watch.ages == {3: pytest.approx(50.0)}


def test_the_age_of_what_waits(watch):
    look(watch, position=5, end=9, arrived_s_ago=40.0)
    assert watch.ages == {3: pytest.approx(40.0)}
    look(watch, position=9, end=9, arrived_s_ago=7200.0, at=10.0)
    assert watch.ages == {3: 0.0}
    # two hours without a record are no lag: what waits came after the look that found nothing
    look(watch, position=9, end=10, arrived_s_ago=7200.0, at=12.0)
    assert watch.ages == {3: pytest.approx(2.0)}
