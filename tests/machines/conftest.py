"""The two services under walk, with the fixtures of their own tests."""

import pytest

STEPS = ("lifecycle_steps", "desk_steps", "together_steps", "tool_steps", "revision_steps", "transfer_steps")
for steps in ("agreement", "walk", *STEPS):
    pytest.register_assert_rewrite(f"tests.machines.{steps}")

from services.listings.tests.conftest import database_address, directory  # noqa: E402 - rewritten before they are imported
from services.submissions.tests.conftest import strict, world  # noqa: E402

__all__ = ["database_address", "directory", "strict", "world"]
