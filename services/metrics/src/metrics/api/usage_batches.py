"""Writing a batch to the usage topic, in the record form of docs/usage-events.md."""

from chassis.kafka.connection import Bootstrap, client_settings
from chassis.logs import get_logger
from kafka import KafkaProducer
from kafka.errors import KafkaError

_CONTENT_TYPE = b"application/vnd.apache.arrow.stream"
_SECONDS_TO_ACKNOWLEDGE = 4.0
_LARGEST_RECORD = 4 * 1024 * 1024


class UsageBatches:
    """A producer for the collector's threads."""

    def __init__(self, bootstrap: Bootstrap, topic: str) -> None:
        self._topic = topic
        self._producer = KafkaProducer(
            **client_settings(bootstrap),
            acks="all",
            linger_ms=0,
            max_request_size=_LARGEST_RECORD + 64 * 1024,
            max_block_ms=int(_SECONDS_TO_ACKNOWLEDGE * 1000),
            delivery_timeout_ms=int(_SECONDS_TO_ACKNOWLEDGE * 1000),
            request_timeout_ms=int(_SECONDS_TO_ACKNOWLEDGE * 1000) - 500,
            allow_auto_create_topics=False,
        )

    def write(self, value: bytes, producer_id: str, sequence: int) -> bool:
        """Writes one batch; true when the broker says that it has it.

        The key is the producer, so that a batch that is sent again, through whichever collector, meets the same
        partition and is known there.
        """
        headers = [("content-type", _CONTENT_TYPE)]
        if producer_id:
            headers += [("producer-id", producer_id.encode()), ("sequence", str(sequence).encode())]
        try:
            sent = self._producer.send(self._topic, value=value, key=producer_id.encode() or None, headers=headers)
            metadata = sent.get(timeout=_SECONDS_TO_ACKNOWLEDGE)
        except KafkaError as error:
            get_logger().warning("the broker did not take a batch", detail=str(error))
            return False
        return metadata is not None and metadata.offset >= 0

    def is_connected(self) -> bool:
        """Whether the broker has told where the topic is: asked again as soon as it changes."""
        try:
            return bool(self._producer.partitions_for(self._topic))
        except KafkaError:
            return False

    def close(self) -> None:
        """Ends the connection."""
        self._producer.close(timeout=5)
