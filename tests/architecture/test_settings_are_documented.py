import importlib
from pathlib import Path

import pytest
from chassis.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
SERVICES = ("authz", "submissions", "listings", "metrics", "notifications", "gateway")


@pytest.mark.parametrize("service", SERVICES)
def test_each_setting_is_in_the_operations_page_or_the_services_own(service: str) -> None:
    pages = (ROOT / "docs/operations.md").read_text() + (ROOT / f"services/{service}/README.md").read_text()
    pages = pages.replace("<SERVICE>", service.upper())
    module = importlib.import_module(f"{service}.settings")
    own = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, ServiceSettings)]
    names = {name.upper() for settings in own for name in settings.model_fields}
    assert [name for name in sorted(names) if f"`{name}`" not in pages] == []
