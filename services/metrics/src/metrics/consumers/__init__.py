"""What reads Kafka: usage into rollups, and submissions' events into the list of published servers."""
