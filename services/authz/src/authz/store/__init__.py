"""authz's own tables, by explicit queries."""
