"""Counting by many threads at once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from gateway.limit_storage import ThreadsMemory
from limits.storage import MemoryStorage

THREADS, EACH, LIMIT = 16, 300, 1_000


def ask(storage: ThreadsMemory) -> int:
    """How often there was room, for four callers by sixteen threads."""

    def come(number: int) -> int:
        return sum(storage.acquire_entry(f"caller {number % 4}", LIMIT, 60) for _ in range(EACH))

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(come, range(THREADS)))


def test_each_request_is_counted_once_whoever_comes_at_the_same_time() -> None:
    assert ask(ThreadsMemory()) == 4 * LIMIT


def test_one_thread_counts_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[str] = []

    def alone(_self: MemoryStorage, key: str, *_: int) -> bool:
        assert not inside
        inside.append(key)
        time.sleep(0)  # another thread's turn
        inside.remove(key)
        return True

    monkeypatch.setattr(MemoryStorage, "acquire_entry", alone)
    assert ask(ThreadsMemory()) == THREADS * EACH
