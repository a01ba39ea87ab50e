import json
from collections.abc import Callable
from typing import Any

import psycopg
from chassis.sql import migrations
from listings.store.tables import metadata

LISTING = "0199a000-0000-7000-8000-000000000001"


def test_migrations_make_the_tables_of_the_code(new_database: Callable[[str], str]) -> None:
    url = new_database("listings")
    migrations.upgrade("listings", url)
    migrations.upgrade("listings", url)
    assert migrations.check(metadata, url) == []


def test_versions_of_the_past_are_what_stood_in_the_directory(new_database: Callable[[str], str]) -> None:
    url = new_database("listings")
    migrations.upgrade("listings", url, "0001")
    with psycopg.connect(url) as connection:
        add_listing(connection, published_at="2026-01-03")
        for number, state, closed_at in (
            (1, "applied", "2026-01-01"),  # approved, never published
            (2, "applied", "2026-01-02"),  # published on the third
            (3, "rejected", "2026-01-04"),
            (4, "applied", "2026-01-05"),
            (5, "editing", None),
        ):
            add_revision(connection, number, state, closed_at)
    migrations.upgrade("listings", url)
    with psycopg.connect(url) as connection:
        query = "SELECT number, content->>'tagline', is_latest, published_at::date::text FROM versions ORDER BY number"
        assert connection.execute(query).fetchall() == [(1, "2", False, "2026-01-03"), (2, "4", True, "2026-01-05")]


def test_code_without_the_second_migration_keeps_versions_too(new_database: Callable[[str], str]) -> None:
    """It writes rows as before, beside new processes or after a step back."""
    url = new_database("listings")
    migrations.upgrade("listings", url)
    with psycopg.connect(url) as connection:
        add_listing(connection, published_at="2026-01-03")
        connection.execute("UPDATE listings SET live = %s", [json.dumps({"tagline": "New"})])
        connection.execute("UPDATE listings SET version = version + 1")
        query = "SELECT number, content->>'tagline', is_latest FROM versions ORDER BY number"
        assert connection.execute(query).fetchall() == [(1, "4", False), (2, "New", True)]


def add_listing(connection: psycopg.Connection[Any], *, published_at: str) -> None:
    connection.execute(
        "INSERT INTO listings (listing_id, organization_id, state, slug, live, sort_name, search_text, server_url,"
        " transport, version, last_number, first_published_at, live_since, state_message) VALUES"
        " (%s, 'org', 'live', 'one', %s, 'one', 'one', 'https://one.example', 'sse', 1, 5, %s, %s, '')",
        [LISTING, json.dumps({"tagline": "4"}), published_at, published_at],
    )


def add_revision(connection: psycopg.Connection[Any], number: int, state: str, closed_at: str | None) -> None:
    connection.execute(
        "INSERT INTO revisions (revision_id, listing_id, number, state, content, editor_id, editor_name,"
        " unsent_editor_id, unsent_editor_name, changed_fields, message, submitter_id, submitter_name,"
        " decided_by_name, comment, reason_code, created_at, closed_at) VALUES"
        " (gen_random_uuid(), %s, %s, %s, %s, '', '', '', '', '{}', '', '', '', '', '', '', now(), %s)",
        [LISTING, number, state, json.dumps({"tagline": str(number)}), closed_at],
    )
