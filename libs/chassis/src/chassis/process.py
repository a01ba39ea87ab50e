"""A process: named loops, one thread each, that end together."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping

from chassis.errors import Unavailable
from chassis.logs import get_logger

SECONDS_TO_END = 25.0
_SECONDS_TO_CLOSE = 4.0
_SECONDS_BETWEEN_SIGNALS = 0.5


class Stop:
    """Tells loops to end. They look at it between pieces of work, and wait on it instead of sleeping."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def is_set(self) -> bool:
        """Whether to end."""
        return self._event.is_set()

    def set(self) -> None:
        """Tell everybody to end."""
        self._event.set()

    def wait(self, seconds: float | None) -> bool:
        """Wait this long, or without end for None; whether to end."""
        return self._event.wait(seconds)


def run(loops: Mapping[str, Callable[[Stop], None]], stop: Stop | None = None) -> int:
    """Run the loops until SIGTERM or SIGINT, or until one fails or returns early. The process's exit code.

    1 when a loop failed or did not end in time; the supervisor starts the process again.
    """
    stop = stop or Stop()
    failures: list[str] = []

    def guarded(name: str, loop: Callable[[Stop], None]) -> None:
        try:
            loop(stop)
        except BaseException:
            get_logger().exception("loop failed", loop=name)
            failures.append(name)
        finally:
            stop.set()

    _stop_on_signals(stop)
    # What is here now stays: looking for cycles among it again and again would stop all threads, for long.
    gc.collect()
    gc.freeze()
    threads = [
        threading.Thread(target=guarded, args=(name, loop), name=name, daemon=True) for name, loop in loops.items()
    ]
    for thread in threads:
        thread.start()
    # Not without end: a signal that comes just before the wait, or to another thread, does not wake this one, which
    # alone runs the handlers.
    while not stop.wait(_SECONDS_BETWEEN_SIGNALS):
        pass
    code = _join(threads) or int(bool(failures))
    _end_in_any_case(code)
    return code


def repeat(stop: Stop, step: Callable[[], int], *, idle: float, waits: str, after_trouble: float | None = None) -> None:
    """Take step after step until told to stop, each at once after one that found something (a count, or True).

    Waits `idle` seconds where a step found nothing. Where a part that it needs is away (Unavailable), logs `waits`
    with the reason, and waits `after_trouble` seconds, `idle` if not given. Any other error goes on to the caller.
    """
    while not stop.is_set():
        try:
            found, pause = step(), idle
        except Unavailable as error:
            get_logger().warning(waits, reason=error.reason)
            found, pause = 0, (idle if after_trouble is None else after_trouble)
        if not found:
            stop.wait(pause)


def _join(threads: list[threading.Thread]) -> int:
    late, deadline = [], time.monotonic() + SECONDS_TO_END
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            late.append(thread.name)
    if late:
        get_logger().error("loops did not end in time", loops=late)
    return int(bool(late))


def _end_in_any_case(code: int) -> None:
    """Python waits for the threads of pools before it ends: one that hangs would keep the process, and the next one
    from being started."""
    if threading.current_thread() is threading.main_thread():
        timer = threading.Timer(_SECONDS_TO_CLOSE, os._exit, [code or 1])
        timer.daemon = True
        timer.start()


def _stop_on_signals(stop: Stop) -> None:
    # Tests run processes' wiring in threads, where no signal arrives.
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        # Not set here directly: the handler may interrupt this very thread while it holds the event's lock.
        signal.signal(number, lambda *_: threading.Thread(target=stop.set).start())
