"""Apache Kafka: topics, the outbox relay, consumers."""
