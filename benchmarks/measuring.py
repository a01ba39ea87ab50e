"""Measuring: the clock, this process's processor time, and that of other processes beside it."""

import json
import os
import platform
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PACKAGES = ("kafka-python", "numpy", "pyarrow", "psycopg", "protobuf", "grpcio")


@dataclass(frozen=True)
class Run:
    """One measurement, in seconds: the clock, this process's processor time, other processes' by name."""

    wall: float
    cpu: float
    others: Mapping[str, float] = field(default_factory=dict)


@contextmanager
def measured(runs: list[Run], *, others: Mapping[str, int] | None = None) -> Iterator[None]:
    """Adds the time of the block. `others` names process ids, whose descendants are included (Servers.processes)."""
    before = {name: processor_time(pid) for name, pid in (others or {}).items()}
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    run_wall, run_cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = {name: processor_time(pid) for name, pid in (others or {}).items()}
    runs.append(Run(run_wall, run_cpu, {name: after[name] - before[name] for name in after}))


def median(runs: Sequence[Run]) -> Run:
    """Each time's median."""
    return Run(
        statistics.median(run.wall for run in runs),
        statistics.median(run.cpu for run in runs),
        {name: statistics.median(run.others[name] for run in runs) for name in runs[0].others},
    )


def processor_time(pid: int) -> float:
    """Seconds that a process and all its descendants have used, those that have ended included."""
    parents: dict[int, list[int]] = {}
    times: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # behind the name in brackets: 1 parent, 11 user, 12 system, 13 and 14 of children that have ended
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        times[int(entry.name)] = sum(map(int, fields[11:15])) / _TICKS
        parents.setdefault(int(fields[1]), []).append(int(entry.name))
    total, waiting = 0.0, [pid]
    while waiting:
        process = waiting.pop()
        total += times.get(process, 0.0)
        waiting += parents.get(process, [])
    return total


def resident_bytes(pid: int) -> int:
    """Memory of a process that is in use now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def machine() -> str:
    """The machine, its load, and the versions that matter."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = next((int(line.split()[1]) // 1024**2 for line in _lines("/proc/meminfo") if "MemTotal" in line), 0)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {memory} GiB, load {load}\n"
        f"Python {platform.python_version()}, {packages}"
    )


def report(
    figure: str,
    ours: float,
    unit: str,
    ratios: Mapping[str, float],
    rows: Sequence[Sequence[object]],
    **more: object,
) -> None:
    """Prints the machine, a table whose first row is its head, and one line of JSON for programs.

    Ratios are ours divided by theirs in the same unit. A benchmark of several figures calls this for each, the main
    one last.
    """
    print(machine())
    table = [[_shown(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join([row[0].ljust(widths[0]), *cells]))
    line = {"figure": figure, "ours": _rounded(ours), "unit": unit}
    print(json.dumps(line | {"ratios": {name: _rounded(ratio) for name, ratio in ratios.items()}} | more), flush=True)


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{_rounded(cell):,}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _rounded(number: float) -> float:
    """Three places below 1, none from 1,000."""
    if abs(number) >= 1_000:
        return round(number)
    return round(number, 3 if abs(number) < 10 else 1)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
