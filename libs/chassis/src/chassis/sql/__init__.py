"""PostgreSQL: engine, unit of work, shared tables, migrations."""
