from typing import Any

from authz.store.tables import metadata
from chassis.sql import migrations


def test_the_migrations_make_the_tables_of_the_code(service: Any) -> None:
    assert migrations.check(metadata, service.url) == []


def test_migrating_again_changes_nothing(service: Any) -> None:
    migrations.upgrade("authz", service.url)
