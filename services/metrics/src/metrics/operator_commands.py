"""What operators ask and tell a pipeline: status, resume, skip, dead letters. A part that is away is one sentence."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO

import click
from chassis import clock
from chassis.errors import Unavailable
from chassis.settings import load
from chassis.sql.database import Database, is_outage
from kafka import TopicPartition
from kafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from metrics.consumers.replay import replay
from metrics.consumers.unreadable_batches import first_there, is_readable, readable_again
from metrics.domain.arrow_limits import REASONS, RecordLimits
from metrics.processes.letters_text import letter, letters
from metrics.processes.pipeline import pipeline_state
from metrics.processes.pipeline_text import as_json, as_text, duration
from metrics.processes.unread import current_topic_id
from metrics.settings import Settings
from metrics.store import dead_letters, offsets
from metrics.store.dead_letters import Chosen
from metrics.store.offsets import DeadLetter
from metrics.wiring import INGEST_GROUP, USAGE

_SECONDS_BETWEEN_LINES = 5.0
_MOST_LINES = 50
_MOST_DAYS = 36_500
_PARTITION_NUMBER = click.IntRange(0, 2**31 - 1)
_LETTER_ID = click.IntRange(1, 2**63 - 1)


@contextmanager
def _pipeline() -> Iterator[tuple[Settings, Database]]:
    settings = load(Settings)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what goes wrong is said below, once
    try:
        with Database(settings.database_url, "metrics-operator", pool_size=2) as database:
            yield settings, database
    except KafkaError as error:
        raise click.ClickException(f"Kafka at {settings.kafka_bootstrap_servers} does not answer: {error}") from None
    except (Unavailable, SQLAlchemyError) as error:
        cause = error.__cause__ or error
        if not isinstance(error, Unavailable) and not is_outage(error):
            raise
        raise click.ClickException(f"The database does not answer: {str(cause).splitlines()[0]}") from None


@contextmanager
def _topic_expected() -> Iterator[None]:
    try:
        yield
    except LookupError:
        raise click.ClickException(f"There is no topic {USAGE.name}: `metrics migrate` makes it.") from None


@click.command()
@click.option("--json", "for_programs", is_flag=True, help="One JSON object instead of tables.")
def status(for_programs: bool) -> None:
    """Show partitions, who has them, lag and last flush, what became of everything, the visible snapshot, and settings
    of the topic that are not as they should be."""
    with _pipeline() as (settings, database):
        with _topic_expected():
            state = pipeline_state(database, settings.kafka, USAGE, INGEST_GROUP)
        click.echo((as_json if for_programs else as_text)(state, clock.now()))


@click.command()
@click.argument("partition", type=_PARTITION_NUMBER)
def resume(partition: int) -> None:
    """Let a PARTITION go on that stopped."""
    with _pipeline() as (settings, database):
        with _topic_expected():
            current = current_topic_id(settings.kafka, USAGE.name)
        released = database.run(lambda uow: offsets.resume(uow.connection, current, partition))
        if not released:
            raise click.ClickException(f"Partition {partition} is not stopped.")
        click.echo(f"Partition {partition} goes on within a flush.")


@click.command()
@click.argument("partition", type=_PARTITION_NUMBER)
@click.option("--yes", is_flag=True, help="Do not ask.")
def skip(partition: int, yes: bool) -> None:
    """Let a PARTITION go on behind what Kafka's client cannot read."""
    with _pipeline() as (settings, database):
        with _topic_expected():
            current = current_topic_id(settings.kafka, USAGE.name)
        if partition not in database.run_read(lambda c: offsets.stopped(c, current)):
            raise click.ClickException(f"Partition {partition} is not stopped.")
        start = database.run_read(offsets.next_offsets)[current][partition]
        where = TopicPartition(USAGE.name, partition)
        if is_readable(settings.kafka, where, start):
            raise click.ClickException(_nothing_to_skip(partition, start, first_there(settings.kafka, where)))
        end = readable_again(settings.kafka, where, start)
        click.echo(f"Partition {partition} cannot be read at {start:,}, but from {end:,} on.")
        if not yes:
            click.confirm(f"Those {end - start:,} records will never be counted. Go on?", abort=True)
        if not database.run(lambda uow: offsets.skip(uow.connection, current, partition, start=start, end=end)):
            raise click.ClickException(f"Partition {partition} went on in the meantime.")
        click.echo(f"Partition {partition} goes on within a flush.")


@click.group(name="dead-letters")
def dead_letters_group() -> None:
    """Records of the usage topic that could not be read."""


_REASON = click.option("--reason", type=click.Choice(REASONS), help="Those of one reason.")
_PARTITION = click.option("--partition", type=_PARTITION_NUMBER, help="Those of one partition.")


@dead_letters_group.command(name="list")
@_REASON
@_PARTITION
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many of the newest.")
def list_letters(reason: str | None, partition: int | None, limit: int) -> None:
    """Count them by reason and list the newest."""
    with _pipeline() as (_, database), database.read() as connection:
        click.echo(letters(connection, Chosen(reason, partition), limit, clock.now()))


@dead_letters_group.command()
@click.argument("letter_id", type=_LETTER_ID)
def show(letter_id: int) -> None:
    """Show one, with the beginning of its bytes."""
    click.echo(letter(_found(letter_id)))


@dead_letters_group.command()
@click.argument("letter_id", type=_LETTER_ID)
@click.argument("file", type=click.File("wb"))
def export(letter_id: int, file: BinaryIO) -> None:
    """Write the bytes of one to a FILE, or to the output for "-"."""
    found = _found(letter_id)
    file.write(found.value)
    click.echo(f"{len(found.value):,} bytes, content-type {found.content_type!r}", err=True)


@dead_letters_group.command(name="replay")
@click.argument("letter_ids", type=_LETTER_ID, nargs=-1)
@_REASON
@_PARTITION
@click.option("--all", "everything", is_flag=True, help="Try every one.")
def replay_letters(letter_ids: Sequence[int], reason: str | None, partition: int | None, everything: bool) -> None:
    """Count some now, after the reason is gone. Ends with 1 where of some none was, or not all that were named."""
    if not (letter_ids or reason or partition is not None or everything):
        raise click.UsageError("Name some, or say --reason, --partition or --all.")
    with _pipeline() as (_, database):
        chosen = letter_ids or database.run_read(lambda c: dead_letters.ids(c, Chosen(reason, partition)))
        counted = _replay(database, chosen)
    if counted < (len(letter_ids) or min(len(chosen), 1)):
        raise SystemExit(1)


@dead_letters_group.command()
@_REASON
@_PARTITION
@click.option("--older-than", "days", type=click.IntRange(0, _MOST_DAYS), required=True, help="Days since they came.")
@click.confirmation_option(prompt="They can never be counted afterwards. Go on?")
def purge(reason: str | None, partition: int | None, days: int) -> None:
    """Remove those that nobody will count any more."""
    chosen = Chosen(reason, partition, clock.now() - timedelta(days=days))
    with _pipeline() as (_, database):
        click.echo(f"{database.run(lambda uow: dead_letters.purge(uow.connection, chosen)):,} removed.")


COMMANDS = (status, resume, skip, dead_letters_group)


def _nothing_to_skip(partition: int, start: int, first: int) -> str:
    gone = f"What partition {partition} had at {start:,} to {first - 1:,} was removed from the topic, uncounted. "
    readable = f"Partition {partition} can be read at {max(start, first):,}: `metrics resume {partition}`."
    return gone + readable if first > start else readable


def _found(letter_id: int) -> DeadLetter:
    with _pipeline() as (_, database):
        found = database.run_read(lambda c: dead_letters.one(c, letter_id))
    if found is None:
        raise click.ClickException(f"There is no dead letter {letter_id}.")
    return found


def _replay(database: Database, chosen: Sequence[int]) -> int:
    """How many were counted. Few are told one by one; of many, those that stay, and how far it is."""
    counted, began, told = 0, time.monotonic(), time.monotonic()
    for number, letter_id in enumerate(chosen, 1):
        outcome = replay(database, letter_id, RecordLimits())
        is_counted = outcome.startswith("is counted")
        counted += is_counted
        if len(chosen) <= _MOST_LINES or not is_counted:
            click.echo(f"{letter_id} {outcome}")
        if time.monotonic() - told >= _SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            left = duration((told - began) / number * (len(chosen) - number))
            click.echo(f"{number:,} of {len(chosen):,}, {counted:,} counted, about {left} left", err=True)
    click.echo(f"{counted:,} of {len(chosen):,} counted")
    return counted
