"""What tests of the whole system share."""

import json
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent


def beside(name: str) -> ModuleType:
    """A module of this folder, by its path: "tests" may be the name of another package that is installed."""
    module = ModuleType(name)
    SourceFileLoader(name, str(HERE / f"{name}.py")).exec_module(module)
    return module


@pytest.fixture(scope="session")
def story() -> ModuleType:
    """tests/story.py"""
    return beside("story")


@pytest.fixture(scope="module")
def whole_system(
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[str], str],
    fresh_topics: Callable[..., None],
    kafka: str,
) -> Iterator[Any]:
    """Every process of the system, with the example organizations. See tests/system.py."""
    parts = beside("system")
    fresh_topics(parts.TOPICS)
    running = parts.RunningSystem(tmp_path_factory.mktemp("system"), database_of=new_database, kafka=kafka)
    try:
        running.start(running.names)
        running.import_organizations(json.loads((HERE.parent / "deploy/demo/organizations.json").read_text()))
        yield running
    finally:
        running.close()
