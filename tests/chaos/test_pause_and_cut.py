"""A process that stands still is not dead, and goes on where it was: nothing is lost or done twice by that. The same
for connections to databases that end in the middle."""

import contextlib
from types import ModuleType

import pytest

from .conftest import Demo
from .witness import EVERY_PROCESS, check_ending, world_of

# Longer than calls between services may take, so that callers give up on the one that stands still.
SECONDS = 12.0


@pytest.mark.timeout(900)
def test_the_story_ends_well_whoever_stands_still_and_is_cut_off(demo: Demo, story: ModuleType) -> None:
    with contextlib.ExitStack() as clients:
        world = world_of(demo, story, clients)
        chapters = story.chapters(world)
        for names in EVERY_PROCESS:
            assert demo.cut() > 0
            with demo.paused(*names, seconds=SECONDS):
                next(chapters)
        assert list(chapters) == []
        check_ending(story, world)
