"""A child that cannot outlive its parent: a tiny program that ties itself to the parent, then becomes the command.

It is run as a script by path (`python -I -S tether.py ...`), so it imports the standard library only. It exists
because `preexec_fn` is unsafe beside threads, and because an account change must come before the tie: the kernel
forgets the tie when the account changes.
"""

import argparse
import ctypes
import os
import pwd
import sys
from collections.abc import Sequence

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h


def tethered(command: Sequence[str], *, death_signal: int, account: str | None = None) -> list[str]:
    """The argument list that runs `command` tied to this process; as `account` when one is named (root only)."""
    tie = [sys.executable, "-I", "-S", __file__, "--parent", str(os.getpid()), "--signal", str(int(death_signal))]
    if account is not None:
        tie += ["--account", account]
    return [*tie, "--", *command]


def _become(account: str) -> None:
    entry = pwd.getpwnam(account)
    os.setgroups([entry.pw_gid])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def _tie(parent: int, death_signal: int) -> None:
    if sys.platform != "linux":
        return  # there the next start ends what was left
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, death_signal)
    if os.getppid() != parent:  # it died before the tie held
        sys.exit(1)


def _main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--parent", type=int, required=True)
    arguments.add_argument("--signal", type=int, required=True)
    arguments.add_argument("--account")
    arguments.add_argument("command", nargs="+")
    options = arguments.parse_args()
    if options.account:
        _become(options.account)
    _tie(options.parent, options.signal)
    try:
        os.execvp(options.command[0], options.command)  # noqa: S606
    except OSError as error:
        sys.exit(f"cannot start {options.command[0]}: {error.strerror}")


if __name__ == "__main__":
    _main()
