"""Counting dead letters after the reason is gone (a fix, a raised limit)."""

from chassis.sql.database import Database, sql_state
from sqlalchemy.exc import DBAPIError

from metrics.consumers.usage_records import foreseen, is_event, read_batch, read_events
from metrics.domain.arrow_limits import RecordLimits, UnreadableRecord
from metrics.domain.rollup_deltas import UsageDeltas
from metrics.store import dead_letters, offsets, rollups
from metrics.store.flush import counting

_BUSY = ("55P03", "57014", "40P01")  # a lock or a statement took too long; a deadlock


def replay(database: Database, letter_id: int, limits: RecordLimits) -> str:
    """Counts one dead letter and removes it, in one transaction. Says what happened."""
    try:
        return _replay(database, letter_id, limits)
    except DBAPIError as error:
        if sql_state(error) in _BUSY:
            return "is busy: others count into its rows now. Replay it again later"
        raise


def _replay(database: Database, letter_id: int, limits: RecordLimits) -> str:
    with counting(database) as uow:
        letter = dead_letters.one(uow.connection, letter_id, locked=True)
        if letter is None:
            return "is gone"
        deltas = UsageDeltas()
        try:
            with foreseen():
                if is_event(letter.content_type):
                    columns, raw = read_events([letter.value], limits)
                else:
                    columns, raw = read_batch(letter.content_type, letter.value, limits), None
                screened = deltas.add(columns, letter.arrived_us, raw)
        except UnreadableRecord as error:
            return f"is still unreadable: {error}"
        rollups.merge(uow.connection, deltas.reduce())
        amounts = {
            "records_dead": -1,
            "records_counted": 1,
            "events": len(columns),
            "events_counted": len(screened),
            "events_synthetic": screened.synthetic,
        } | {f"events_rejected_{reason}": n for reason, n in screened.rejected.items()}
        offsets.add_to_ledger(uow.connection, letter.topic_id, letter.partition, amounts)
        dead_letters.remove(uow.connection, letter_id)
        uow.commit()
    return f"is counted: {len(screened)} of {len(columns)} events"
