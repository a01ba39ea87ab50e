"""What a person sees of set-up: one line a step, with its seconds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_WIDTH = 46


def say(sentence: str) -> None:
    """Prints a line at once, also into a file."""
    print(sentence, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Prints the title when the step is done, with the seconds it took."""
    began = time.monotonic()
    try:
        yield
    except BaseException:
        say(f"  {title} {'.' * (_WIDTH - len(title))} failed after {time.monotonic() - began:.1f} s")
        raise
    say(f"  {title} {'.' * (_WIDTH - len(title))} {time.monotonic() - began:.1f} s")
