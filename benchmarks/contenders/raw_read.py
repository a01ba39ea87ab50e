"""A limit: kafka-python reads the topic and nothing is done with it."""

import gc

from kafka import KafkaConsumer, TopicPartition

from benchmarks.contenders.job import Job


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    gc.set_threshold(
        200_000
    )  # as ours: by itself Python looks for cycles so often that reading takes half as long again
    consumer = KafkaConsumer(
        bootstrap_servers=job.bootstrap,
        enable_auto_commit=False,
        max_partition_fetch_bytes=8 * 1024 * 1024,
        fetch_max_bytes=32 * 1024 * 1024,
        max_poll_records=5_000,
    )
    partitions = [TopicPartition(job.topic, number) for number in sorted(consumer.partitions_for_topic(job.topic))]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    seen = 0
    with job.measured():
        while seen < job.records:
            seen += sum(map(len, consumer.poll(timeout_ms=1_000).values()))
    consumer.close()
    job.finish([], guarantee="none: counts nothing")


if __name__ == "__main__":
    main()
