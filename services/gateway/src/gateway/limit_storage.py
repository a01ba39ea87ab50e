"""Where limits are counted: in this process, by all of its threads."""

import threading
from typing import Any

from limits.storage import MemoryStorage

SCHEME = "threads-memory"


class ThreadsMemory(MemoryStorage):
    """As limits' own, one thread at a time: two that come at once may start its timer twice, which raises."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  # as the base class has it

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        self._counting = threading.Lock()
        super().__init__(*arguments, **settings)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Whether there was room."""
        with self._counting:
            return super().acquire_entry(key, limit, expiry, amount)
