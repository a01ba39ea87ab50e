"""The whole system on one machine without containers: PostgreSQL, Apache Kafka and every service as processes."""
