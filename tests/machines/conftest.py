"""The two services under walk, with the fixtures of their own tests."""

import pytest

pytest.register_assert_rewrite("tests.machines.agreement", "tests.machines.walk")

from services.listings.tests.conftest import database_address, directory  # noqa: E402 - rewritten before they are imported
from services.submissions.tests.conftest import world  # noqa: E402

__all__ = ["database_address", "directory", "world"]
