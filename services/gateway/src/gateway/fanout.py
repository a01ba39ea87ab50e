"""Several calls at the same time with one deadline, and answers that may be partial."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from chassis import logs
from chassis.errors import DirectoryError, PermissionDenied, Unauthenticated, Unavailable

T = TypeVar("T")
S = TypeVar("S")

# Seconds: well under the 5 s of a single call, so that a hanging service costs a page no more than this.
DEADLINE = 3.0


@dataclass(frozen=True)
class Section(Generic[T]):
    """What one call brought: a value, or why there is none.

    `status` is `ok` or `unavailable`, `reason` is a code of the problem table or empty.
    """

    value: T | None = None
    error: DirectoryError | None = None

    @property
    def status(self) -> str:
        """`ok` or `unavailable`."""
        return "ok" if self.error is None else "unavailable"

    @property
    def reason(self) -> str:
        """Why it is unavailable; empty when it is not."""
        return "" if self.error is None else self.error.reason

    def need(self) -> T:
        """The value, for sections that an answer cannot do without. Raises the call's error."""
        if self.error is not None:
            raise self.error
        return cast(T, self.value)

    def map(self, change: Callable[[T], S]) -> Section[S]:
        """The same section with its value changed, where there is one."""
        if self.error is not None or self.value is None:
            return Section(error=self.error)
        return Section(value=change(self.value))


class Fanout:
    """A small pool of threads; measured quicker than gRPC futures for a handful of calls."""

    def __init__(self, threads: int = 32) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="fanout")

    def gather(
        self, calls: Mapping[str, Callable[[float], Any]], *, seconds: float = DEADLINE
    ) -> dict[str, Section[Any]]:
        """Run every call with the seconds that are left to it; raise PermissionDenied and Unauthenticated of any.

        The caller's context (grant, request id) goes with each call. A call that is late counts as unavailable.
        """
        ends = time.monotonic() + seconds
        futures: dict[str, Future[Any]] = {}
        for name, call in calls.items():
            context = contextvars.copy_context()
            futures[name] = self._pool.submit(context.run, _in_time, call, ends)
        wait(futures.values(), timeout=max(0.0, ends - time.monotonic()))
        return {name: _section(name, future) for name, future in futures.items()}

    def close(self) -> None:
        """Let running calls end; take no new ones."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _in_time(call: Callable[[float], Any], ends: float) -> Any:
    left = ends - time.monotonic()
    if left <= 0:
        raise _late()
    return call(left)


def _section(name: str, future: Future[Any]) -> Section[Any]:
    if not future.done():
        future.cancel()
        return Section(error=_late())
    error = future.exception()
    if error is None:
        return Section(value=future.result())
    if isinstance(error, PermissionDenied | Unauthenticated):
        raise error
    if isinstance(error, DirectoryError):
        return Section(error=error)
    logs.get_logger().error("section failed", section=name, exc_info=error)
    return Section(error=Unavailable("INTERNAL", "This part is not available at present."))


def _late() -> Unavailable:
    return Unavailable("DEADLINE_EXCEEDED", "This part did not answer in time.")
