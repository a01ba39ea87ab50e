"""Topics that are there and empty, whatever an earlier test module left on the same broker."""

import time
from collections.abc import Iterable
from typing import Any

from kafka import KafkaAdminClient

_PARTITIONS = 6
_TIMEOUT = 20.0


class FreshTopics:
    """Makes topics anew on one broker and deletes them at the end."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._made: set[str] = set()

    def make(self, topics: Iterable[Any], partitions: int = _PARTITIONS) -> None:
        """Each of `topics` is a name, or an object with name, partitions and config. They exist when this returns."""
        wanted = {
            getattr(topic, "name", topic): {
                "num_partitions": getattr(topic, "partitions", partitions),
                "replication_factor": 1,
                "configs": {name: str(value) for name, value in dict(getattr(topic, "config", {})).items()},
            }
            for topic in topics
        }
        client = KafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            _delete(client, set(wanted))
            client.create_topics(wanted, wait_for_metadata=True)
        finally:
            client.close()
        self._made |= set(wanted)

    def close(self) -> None:
        """Deletes what was made."""
        client = KafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            _delete(client, self._made)
        finally:
            client.close()


def _delete(client: KafkaAdminClient, names: set[str]) -> None:
    present = names & set(client.list_topics())
    if present:
        client.delete_topics(sorted(present), raise_errors=False)
    deadline = time.monotonic() + _TIMEOUT
    while names & set(client.list_topics()) or _committed(client, names):
        assert time.monotonic() < deadline, f"topics of an earlier module do not go away: {sorted(names)}"
        time.sleep(0.05)


def _committed(client: KafkaAdminClient, names: set[str]) -> bool:
    """Whether a group still remembers a place in a topic of that name: it would skip the new topic's first records.

    The broker forgets them by itself shortly after the topic is gone.
    """
    groups = [group["group_id"] for group in client.list_groups()]
    offsets = client.list_group_offsets(groups) if groups else {}
    return any(partition.topic in names for places in offsets.values() for partition in places)
