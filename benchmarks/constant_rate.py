"""Load that does not wait for whoever is slow: requests leave at their times, whatever became of those before, and each
one's time counts from the moment when it should have left (no coordinated omission)."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc

Send = Callable[[int], Any]
"""Sends request number n and gives the call (grpc.Future and grpc.Call) that will have its answer."""


@dataclass
class Latencies:
    """Milliseconds of every request, and how many failed, by status."""

    milliseconds: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    def at(self, percent: float) -> float:
        """By nearest rank."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    def add(self, other: "Latencies") -> None:
        """Takes another run's in."""
        self.milliseconds += other.milliseconds
        self.failed += other.failed


def run(send: Send, *, per_second: float, seconds: float) -> Latencies:
    """Sends request 0, 1, 2, ... at a constant rate and waits for all answers."""
    total, found, lock = int(per_second * seconds), Latencies(), threading.Lock()
    waiting = threading.Semaphore(0)
    begin = time.perf_counter() + 0.05

    def answered(call: Any, intended: float) -> None:
        took = (time.perf_counter() - intended) * 1000
        with lock:
            found.milliseconds.append(took)
            if call.code() is not grpc.StatusCode.OK:
                found.failed[str(call.code())] += 1
        waiting.release()

    for number in range(total):
        intended = begin + number / per_second
        if (pause := intended - time.perf_counter()) > 0:
            time.sleep(pause)  # the rate
        send(number).add_done_callback(lambda call, intended=intended: answered(call, intended))
    for _ in range(total):
        waiting.acquire()
    return found


def blocking(work: Callable[[int], object], *, per_second: float, seconds: float) -> Latencies:
    """The same for work that one thread does, one after the other."""
    found, begin = Latencies(), time.perf_counter() + 0.05
    for number in range(int(per_second * seconds)):
        intended = begin + number / per_second
        if (pause := intended - time.perf_counter()) > 0:
            time.sleep(pause)  # the rate
        work(number)
        found.milliseconds.append((time.perf_counter() - intended) * 1000)
    return found


def row(name: str, latencies: Latencies, *more: object) -> Sequence[object]:
    """Name, p50, p99, p99.9, worst."""
    return (name, *(latencies.at(percent) for percent in (50, 99, 99.9, 100)), *more)
