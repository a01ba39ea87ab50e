from collections.abc import Callable

from chassis.sql import migrations
from notifications.store.tables import metadata


def test_migrations_make_the_tables_of_the_code(new_database: Callable[[str], str]) -> None:
    url = new_database("notifications")
    migrations.upgrade("notifications", url)
    migrations.upgrade("notifications", url)
    assert migrations.check(metadata, url) == []
