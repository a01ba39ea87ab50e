"""Quix Streams, one protobuf event a record: counters in its state (RocksDB and a changelog topic), or in memory."""

import json
import secrets

from directory.usage.v1.usage_event_pb2 import UsageEvent
from quixstreams import Application, State
from rocksdict import AccessType, Options, Rdict

from benchmarks.contenders.counting import Tally, account_of, keys_of, lines_of_counters
from benchmarks.contenders.job import Job

_STORED = "default"


def count(event: UsageEvent, state: State) -> None:
    """Counts an event in the state of its server."""
    if event.synthetic:
        return
    for key in keys_of(event):
        state.set(key, state.get(key, 0) + 1)
    key, flags = account_of(event)
    state.set(key, state.get(key, 0) | flags)


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    app = Application(
        broker_address=job.bootstrap,
        consumer_group=f"quix-{secrets.token_hex(4)}",
        auto_offset_reset="earliest",
        commit_interval=job.flush_seconds,
        state_dir=job.folder / "state",
        loglevel="ERROR",
    )
    events = app.dataframe(app.topic(job.topic, value_deserializer="bytes")).apply(UsageEvent.FromString)
    tally = Tally()
    events.update(count, stateful=True) if job.durable else events.update(tally.add)
    with job.measured():
        app.run(count=job.records, collect=False)
    if job.durable:
        job.finish(_stored_lines(job), guarantee="at least once, in RocksDB and a changelog topic")
    else:
        job.finish(tally.lines(), guarantee="none: sums are lost with the process")


def _stored_lines(job: Job) -> list[str]:
    stores = []
    for file in (job.folder / "state").rglob("CURRENT"):
        store = Rdict(str(file.parent), Options(raw_mode=True), access_type=AccessType.read_only())
        entries = (
            store.get_column_family(_STORED).items() if _STORED in Rdict.list_cf(str(file.parent)) else store.items()
        )
        # keys are the record's key, a bar, and the state's key
        stores.append({tuple(json.loads(key.partition(b"|")[2])): json.loads(value) for key, value in entries})
    return lines_of_counters(stores)


if __name__ == "__main__":
    main()
