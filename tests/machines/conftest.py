"""The two services under walk, with the fixtures of their own tests."""

from services.listings.tests.conftest import database_address, directory
from services.submissions.tests.conftest import world

__all__ = ["database_address", "directory", "world"]
