"""What a contender's process is told, and what it tells.

It is told a Job as JSON in its first argument. Its last line of output is JSON: times, a digest of its result
(benchmarks/totals.py) and what it guarantees. Only what is inside `job.measured()` counts: the contender has imported
everything and built its application before; finding the result and comparing it come after."""

import json
import pickle
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measuring import Run, measured
from benchmarks.totals import digest


@dataclass
class Job:
    """Events to read, and where. `processes` are servers whose processor time is measured beside."""

    bootstrap: str
    topic: str
    records: int
    events: int
    url: str
    folder: Path
    parquet: Path
    flush_events: int
    flush_seconds: float
    processes: Mapping[str, int]
    durable: bool = True
    _runs: list[Run] = field(default_factory=list)

    @classmethod
    def from_command_line(cls) -> "Job":
        """As the benchmark started this process."""
        if find_spec("pandas"):
            import_module("pandas")  # pyarrow does so at its first use, a second of work that is not the contender's
        told = json.loads(sys.argv[1])
        return cls(**told | {"folder": Path(told["folder"]), "parquet": Path(told["parquet"])})

    def values(self) -> list[bytes]:
        """The Arrow records' values, for contenders that do not read Kafka."""
        return pickle.loads((self.folder / "records").read_bytes())

    def measured(self) -> AbstractContextManager[None]:
        """Around the work alone."""
        return measured(self._runs, others=self.processes)

    def finish(self, lines: Sequence[str], *, guarantee: str) -> None:
        """Tells the result. The lines are kept for a look when they are not the true ones."""
        (self.folder / "lines").write_text("\n".join(lines))
        told = {"run": asdict(self._runs[-1]), "digest": digest(lines), "guarantee": guarantee}
        print(json.dumps(told), flush=True)
