"""What happens to a partition whose worker is killed: how long until another reads it, and how fast that catches up.

Two workers, events that arrive at a constant rate, one worker is killed with SIGKILL; once the other has caught up, a
new one joins, and so on. Times are from the kill until the other one has committed records of each of the partitions (a
flush of one second included), and until no more waits than before."""

import secrets
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import click
from chassis.kafka.topics import Topic, ensure_topics
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from metrics.wiring import USAGE

from benchmarks.measuring import report
from benchmarks.servers import Servers, fresh_database, servers
from benchmarks.traffic import ARROW, Traffic, arrow_records
from benchmarks.worker_process import Counted, worker

PARTITIONS = 12
_TOPIC = f"benchmark-takeover-{secrets.token_hex(4)}"
_FLUSH_SECONDS = 1.0
_STEADY_SECONDS = 5.0
_SECONDS = 120.0


@dataclass(frozen=True)
class Takeover:
    """Seconds until the survivor wrote every partition, and until it had caught up; how fast, in arrivals."""

    read_again: float
    caught_up: float
    speed: float


class Feeder:
    """Writes records at a constant rate, whatever happens, in turn over the partitions."""

    def __init__(self, where: Servers, values: Sequence[bytes], batch: int, rate: int) -> None:
        self._producer = KafkaProducer(bootstrap_servers=where.bootstrap, acks="all", max_request_size=5 * 1024 * 1024)
        self._values, self._every = values, batch / rate
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Feeder":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._producer.close()

    def _run(self) -> None:
        began, sent = time.monotonic(), 0
        while not self._stop.wait(max(0.0, began + sent * self._every - time.monotonic())):
            value = self._values[sent % len(self._values)]
            headers = [("content-type", ARROW.encode())]
            self._producer.send(_TOPIC, value, partition=sent % PARTITIONS, headers=headers)
            sent += 1


@click.command()
@click.option("--rate", default=100_000, show_default=True, help="Events a second that arrive.")
@click.option("--batch", default=1_000, show_default=True, help="Events in a record.")
@click.option("--rounds", default=5, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(rate: int, batch: int, rounds: int, seed: int) -> None:
    """Measure the hand-over from a worker that is killed."""
    values = arrow_records(Traffic(1_000_000, time.time_ns() // 1000, seed), batch)
    with servers() as where, fresh_database(where) as url, ExitStack() as stack:
        ensure_topics(where.bootstrap, [Topic(_TOPIC, PARTITIONS, USAGE.config)])
        lag = stack.enter_context(_Lag(where, url))
        workers = [stack.enter_context(worker(url, where.bootstrap, _TOPIC, "w0", flush_seconds=_FLUSH_SECONDS))]
        stack.enter_context(Feeder(where, values, batch, rate))
        found = []
        for number in range(1, rounds + 1):
            name = f"w{number}"
            workers.append(
                stack.enter_context(worker(url, where.bootstrap, _TOPIC, name, flush_seconds=_FLUSH_SECONDS))
            )
            lag.wait_until_shared(f"w{number - 1}", name)
            time.sleep(_STEADY_SECONDS)  # the arrivals that a takeover is measured against
            workers[-2].kill()
            found.append(lag.takeover(f"w{number - 1}", rate / batch))
    _tell(found, rate)


@dataclass(frozen=True)
class _Sample:
    at: float
    places: Mapping[int, tuple[str, int]]
    ends: int

    @property
    def written(self) -> int:
        return sum(next_offset for _, next_offset in self.places.values())


class _Lag:
    """What workers have not written yet, and who writes what."""

    def __init__(self, where: Servers, url: str) -> None:
        self._counted = Counted(url)
        self._consumer = KafkaConsumer(bootstrap_servers=where.bootstrap, group_id=None, enable_auto_commit=False)
        self._partitions = [TopicPartition(_TOPIC, number) for number in range(PARTITIONS)]

    def __enter__(self) -> "_Lag":
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()
        self._counted.close()

    def wait_until_shared(self, *names: str) -> None:
        """Until each of them has written half of the partitions."""
        self._samples(lambda now: all(sum(w == n for w, _ in now.places.values()) == PARTITIONS // 2 for n in names))

    def takeover(self, killed: str, arrivals: float) -> Takeover:
        """Called right after the kill. `arrivals`: records a second."""
        began = time.monotonic()
        theirs = [number for number, (who, _) in self._counted.places().items() if who == killed]
        usual = 2 * _FLUSH_SECONDS * arrivals  # what is read and written in turns waits anyway

        def left(now: _Sample) -> int:
            return sum(now.places[number][0] == killed for number in theirs)

        samples = self._samples(lambda now: not left(now) and now.ends - now.written <= usual)
        first = next(each for each in samples if left(each) < len(theirs))
        every = next(each for each in samples if not left(each))
        # what the first flush wrote was read in the time before it
        start = next(each for each in samples if each.at >= min(first.at, every.at) - _FLUSH_SECONDS)
        last = samples[-1]
        speed = (last.written - start.written) / (last.at - start.at) / arrivals
        return Takeover(every.at - began, last.at - began, speed)

    def _samples(self, enough: Callable[[_Sample], bool]) -> list[_Sample]:
        """Ten a second until one is enough."""
        samples: list[_Sample] = []
        deadline = time.monotonic() + _SECONDS
        while not samples or not enough(samples[-1]):
            if time.monotonic() > deadline:
                raise SystemExit(f"not within {_SECONDS:.0f} s; at last: {samples[-1]}")
            time.sleep(0.1)  # ten a second
            ends = sum(self._consumer.end_offsets(self._partitions).values())
            samples.append(_Sample(time.monotonic(), self._counted.places(), ends))
        return samples


def _tell(found: Sequence[Takeover], rate: int) -> None:
    rows: list[tuple[object, ...]] = [("kill", "read again after s", "caught up after s", "speed / arrivals")]
    rows += [(str(number), each.read_again, each.caught_up, each.speed) for number, each in enumerate(found, 1)]
    median = statistics.median(each.read_again for each in found)
    slowest, speed = max(each.read_again for each in found), statistics.median(each.speed for each in found)
    rows.append(("median", median, statistics.median(each.caught_up for each in found), speed))
    report(
        "takeover_after_kill",
        median,
        "s",
        {"limit_of_10_s": median / 10, "arrival_rate": speed},
        rows,
        slowest=round(slowest, 1),
        events_a_second=rate,
    )


if __name__ == "__main__":
    main()
