"""One database and one role a service; no role may enter another's database."""

from pathlib import Path

import psycopg
from psycopg import sql

from embedded.keys import secret

SERVICES = ("authz", "submissions", "listings", "metrics", "notifications", "gateway")


def make_databases(admin_url: str, port: int, secrets_folder: Path) -> dict[str, str]:
    """The address of each service's database, made where missing. Passwords are set anew: the files are right."""
    addresses = {}
    with psycopg.connect(admin_url, autocommit=True) as connection:
        existing = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for service in SERVICES:
            name, password = sql.Identifier(service), secret(secrets_folder, f"database-{service}")
            verb = sql.SQL("ALTER" if service in roles else "CREATE")
            connection.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, name, sql.Literal(password)))
            if service not in existing:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
            addresses[service] = f"postgresql://{service}:{password}@127.0.0.1:{port}/{service}"
    return addresses
