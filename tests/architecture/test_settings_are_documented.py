import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("authz", "submissions", "listings", "metrics", "gateway")


@pytest.mark.parametrize("service", SERVICES)
def test_each_setting_is_in_the_operations_page_or_the_services_own(service: str) -> None:
    pages = (ROOT / "docs/operations.md").read_text() + (ROOT / f"services/{service}/README.md").read_text()
    pages = pages.replace("<SERVICE>", service.upper())
    settings = importlib.import_module(f"{service}.settings").Settings
    assert [name for name in settings.model_fields if f"`{name.upper()}`" not in pages] == []
