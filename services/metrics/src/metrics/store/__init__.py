"""PostgreSQL: rollups, accounts, offsets, dead letters, servers and snapshots, with explicit statements."""
