"""Any process may be killed at any moment: it comes back by itself, and nothing is lost or doubled."""

import contextlib
from types import ModuleType
from typing import Any

import pytest
from embedded.directory_client import wait_for

from .conftest import Demo
from .witness import EVERY_PROCESS, PATIENCE, check_ending, world_of


@pytest.mark.timeout(600)
def test_the_story_ends_well_whoever_is_killed(demo: Demo, story: ModuleType) -> None:
    with contextlib.ExitStack() as clients:
        world = world_of(demo, story, clients)
        tell_while_killing(demo, story, world)


def tell_while_killing(demo: Demo, story: ModuleType, world: Any) -> None:
    killed = set()
    chapters = story.chapters(world)
    for victims in EVERY_PROCESS:
        before = {name: demo.kill(name) for name in victims}
        killed |= set(victims)
        next(chapters)
        for name, pid in before.items():
            wait_for(lambda name=name, pid=pid: demo.pid(name) not in (None, pid), f"{name} to be back", PATIENCE)
    assert list(chapters) == []
    assert killed == set(demo.names())
    check_ending(story, world)
