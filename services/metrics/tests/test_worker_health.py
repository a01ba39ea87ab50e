"""What a worker says of itself: to its log while it catches up, and to its supervisor when it hangs."""

import pytest
import structlog
from metrics.consumers import worker_metrics
from metrics.consumers.worker_health import Stalled, WorkerHealth
from metrics.consumers.worker_metrics import Progress


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        seconds = 0.0

        def monotonic(self):
            return self.seconds

    clock = Clock()
    monkeypatch.setattr(worker_metrics, "time", clock)
    return clock


def tell(progress, clock, *, lag, records, events):
    """Ten seconds later."""
    progress.read(records)
    progress.written(events)
    clock.seconds += 10.0
    with structlog.testing.capture_logs() as lines:
        progress.tell(lag)
    return lines


def test_a_worker_that_catches_up_says_how_long_it_takes(clock):
    progress = Progress()
    assert tell(progress, clock, lag=9_000, records=1_000, events=500_000) == [
        {
            "event": "catching up",
            "log_level": "info",
            "events": 500_000,
            "events_per_second": 50_000,
            "lag_records": 9_000,
            "seconds_left": 90,
        }
    ]
    # half of what was read came in the meantime
    assert tell(progress, clock, lag=8_500, records=1_000, events=500_000)[0]["seconds_left"] == 170
    assert tell(progress, clock, lag=8_600, records=1_000, events=500_000)[0]["event"] == "falling behind"


def test_a_worker_that_keeps_up_says_so_once_a_minute_and_an_idle_one_nothing(clock):
    progress = Progress()
    said = [tell(progress, clock, lag=0, records=10, events=100) for _ in range(6)]
    assert said[:5] == [[]] * 5
    assert [(line["event"], line["events"], line["events_per_second"]) for line in said[5]] == [("progress", 600, 10)]
    assert [tell(progress, clock, lag=0, records=0, events=0) for _ in range(12)] == [[]] * 12


class Rounds:
    """A Stop that ends after some rounds, in each of which something happens."""

    def __init__(self, count, happens):
        self._left, self._happens = count, happens

    def wait(self, _):
        self._happens()
        self._left -= 1
        return self._left < 0


def test_a_poll_that_does_not_return_ends_the_process():
    health = WorkerHealth(30.0, lambda: 0)
    with health.calling(), pytest.raises(Stalled, match="does not return"):
        health.watch(Rounds(20, lambda: None))


def test_polls_that_return_and_times_without_one_do_not():
    health = WorkerHealth(30.0, lambda: 0)

    def poll_again():
        nonlocal call
        call.__exit__(None, None, None)
        call = health.calling()
        call.__enter__()

    call = health.calling()
    call.__enter__()
    health.watch(Rounds(100, poll_again))
    call.__exit__(None, None, None)
    health.watch(Rounds(100, lambda: None))
