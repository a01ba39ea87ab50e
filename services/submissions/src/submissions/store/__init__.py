"""What submissions keep in PostgreSQL: explicit queries, no lazy loading."""
