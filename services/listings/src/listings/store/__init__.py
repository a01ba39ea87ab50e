"""The listings database: tables, queries, and what leaves by the outbox."""
