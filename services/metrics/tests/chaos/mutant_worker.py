"""`python mutant_worker.py NAME ingest`: the real worker with one fault planted into it, for the harness to find.

Statements are changed on their way to the database, and functions in the modules that call them, so that nothing in the
product is made for this. A fault that finds nothing to change ends the process: it would prove nothing."""

import re
import sys
from collections.abc import Callable
from typing import Any

import kafka
from kafka import TopicPartition
from metrics import wiring
from metrics.__main__ import main
from metrics.consumers import usage_partitions
from metrics.consumers.usage_intake import UsageIntake
from metrics.store import dead_letters, flush, offsets
from sqlalchemy import Engine, event

MUTANTS: dict[str, Callable[[], None]] = {}


def mutant(plant: Callable[[], None]) -> Callable[[], None]:
    MUTANTS[plant.__name__] = plant
    return plant


def rewritten(pattern: str, replacement: str) -> None:
    """Every statement, with `pattern` replaced."""

    def rewrite(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> tuple[str, Any]:
        return re.sub(pattern, replacement, statement), parameters

    event.listen(Engine, "before_cursor_execute", rewrite, retval=True)


def replaced(owner: Any, name: str, new: Callable[[Any], Any]) -> None:
    """`new` makes the replacement from what was there."""
    setattr(owner, name, new(getattr(owner, name)))


@mutant
def no_fence() -> None:
    """Whoever flushes sets the offset, also one who lost the partition."""
    assert "AND next_offset = :start" in str(offsets._MOVE)
    rewritten(r" AND next_offset = %\(start\)s(::\w+)?", "")


@mutant
def offset_before_write() -> None:
    """The offset moves in a transaction of its own, before the rollups."""

    def early(move: Any) -> Any:
        def moved(connection: Any, *arguments: Any) -> None:
            move(connection, *arguments)
            connection.connection.driver_connection.commit()

        return moved

    replaced(offsets, "move", early)


@mutant
def offset_after_write() -> None:
    """The rollups are in a transaction of their own, before the offset."""
    real_move, real_commit = offsets.move, flush.commit
    late: list[Any] = []
    flush_module: Any = flush
    flush_module.offsets = type(
        "Offsets", (), {**vars(offsets), "move": staticmethod(lambda c, m, w: late.append((m, w)))}
    )

    def commit(database: Any, what: Any, worker: str) -> int:
        late.clear()
        rows = real_commit(database, what, worker)
        with database.transaction() as uow:
            real_move(uow.connection, what.moves, worker)
            uow.commit()
        return rows

    flush_module.commit = commit


@mutant
def reset_to_latest() -> None:
    """Reading starts at the end of a partition, as Kafka's default has it, not where the database says."""
    replaced(kafka.KafkaConsumer, "seek", lambda _: lambda self, partition, offset: self.seek_to_end(partition))


@mutant
def offsets_of_the_group() -> None:
    """Reading starts where the group's committed offset is, and at the end where there is none."""
    usage_partitions._SETTINGS["auto_offset_reset"] = "latest"

    def seek(_: Any) -> Any:
        def sought(self: Any, partition: TopicPartition, offset: int) -> None:
            known = self.committed(partition)
            self.seek_to_end(partition) if known is None else real(self, partition, known)

        return sought

    real = kafka.KafkaConsumer.seek
    replaced(kafka.KafkaConsumer, "seek", seek)


@mutant
def unsorted_rollups() -> None:
    """Rows of server days are locked in any order."""
    rewritten(r"(INSERT INTO usage_server_days[\s\S]*?)ORDER BY [\w, ]+", r"\1ORDER BY random() ")


@mutant
def unsorted_accounts() -> None:
    """Rows of accounts are locked in any order."""
    rewritten(r"(INSERT INTO server_accounts[\s\S]*?)ORDER BY [\w, ]+", r"\1ORDER BY random() ")


@mutant
def windows_not_stored() -> None:
    """What is known of producers is lost with the worker."""
    replaced(offsets, "save_windows", lambda _: lambda *__: None)


@mutant
def letters_apart() -> None:
    """Dead letters are written in a transaction of their own."""

    def apart(add: Any) -> Any:
        def added(connection: Any, letters: Any) -> None:
            with connection.engine.begin() as own:
                add(own, letters)

        return added

    replaced(dead_letters, "add", apart)


@mutant
def ledger_apart() -> None:
    """The ledger is written in a transaction of its own."""

    def apart(add: Any) -> Any:
        def added(connection: Any, *arguments: Any) -> None:
            with connection.engine.begin() as own:
                add(own, *arguments)

        return added

    replaced(offsets, "add_to_ledger", apart)


@mutant
def topic_by_name() -> None:
    """A topic that is made again is taken for the one it was."""
    replaced(usage_partitions.UsageTopic, "id", lambda _: lambda self: "00000000-0000-4000-8000-000000000001")


@mutant
def no_flood_stop() -> None:
    """A flood of unreadable records empties the partition into the table."""
    from metrics.domain.poison import FloodGuard

    def never(dead: Any) -> Any:
        def counted(self: Any) -> bool:
            dead(self)
            return False

        return counted

    replaced(FloodGuard, "dead", never)


@mutant
def keeps_what_it_was_fenced_for() -> None:
    """What was read before a fence stays in memory, and is written with what is read after it."""

    def kept(begin: Any) -> Any:
        def begun(self: Any, *arguments: Any) -> None:
            before = getattr(self, "_deltas", None)
            begin(self, *arguments)
            if before is not None:
                self._deltas = before

        return begun

    replaced(UsageIntake, "begin", kept)


@mutant
def first_sights_survive_a_fence() -> None:
    """Accounts of records that were thrown away are taken for written."""

    def kept(begin: Any) -> Any:
        def begun(self: Any, *arguments: Any) -> None:
            before = getattr(self, "_deltas", None)
            begin(self, *arguments)
            if before is not None:
                before.written()
                self._deltas = before

        return begun

    replaced(UsageIntake, "begin", kept)


if __name__ == "__main__":
    MUTANTS[sys.argv[1]]()
    assert wiring.INGEST_GROUP
    main(sys.argv[2:])
