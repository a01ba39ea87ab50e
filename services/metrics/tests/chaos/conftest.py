"""What all chaos tests need."""

import gc
import warnings
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def refused_connections() -> Iterator[None]:
    """kafka-python leaves the socket of a connection that was refused to the garbage collector, which complains."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
