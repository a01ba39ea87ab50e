from collections.abc import Callable

from chassis.sql import migrations
from listings.store.tables import metadata


def test_migrations_make_the_tables_of_the_code(new_database: Callable[[str], str]) -> None:
    url = new_database("listings")
    migrations.upgrade("listings", url)
    migrations.upgrade("listings", url)
    assert migrations.check("listings", metadata, url) == []
