"""Filling the new system with example work: `python -m embedded.demo`, once."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable

from embedded.places import write_private
from embedded.processes import Plan
from embedded.state import State
from embedded.steps import say

_MODULE = "embedded.demo"


def seed(state: State, plan: Plan, *, while_waiting: Callable[[], None]) -> bool:
    """Runs the example work unless it was done here before; what it prints is shown. Whether it was done now.

    A failure is told and tried again at the next start; the system stays up.
    """
    if state.seeded.exists() or os.environ.get("DEMO_DATA") == "none" or importlib.util.find_spec(_MODULE) is None:
        return False
    command = [sys.executable, "-P", "-m", _MODULE]
    child = subprocess.Popen(command, cwd="/", env=plan.seeding_environment(), stdin=subprocess.DEVNULL)
    try:
        while child.poll() is None:
            while_waiting()
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
    if child.returncode == 0:
        write_private(state.seeded, "")
    else:
        say("  The example data are not complete (see above); the next start tries again.")
    return child.returncode == 0
