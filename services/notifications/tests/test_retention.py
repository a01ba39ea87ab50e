"""What is kept for how long."""

from typing import Any

from chassis.ids import new_id
from chassis.process import Stop
from notifications.store import retention
from sqlalchemy import text


def age(directory: Any, days: int) -> None:
    """Everything happened that long ago."""
    with directory.database.engine.begin() as connection:
        for table, column in (("activities", "occurred_at"), ("mails", "created_at"), ("deliveries", "created_at")):
            statement = f"UPDATE {table} SET {column} = now() - make_interval(days => :days)"
            connection.execute(text(statement), {"days": days})


def counts(directory: Any) -> tuple[int, ...]:
    return tuple(
        directory.query(f"SELECT count(*) AS number FROM {table}")[0].number
        for table in ("activities", "mails", "deliveries", "delivery_attempts")
    )


def test_logs_go_before_the_feed_and_what_waits_stays(directory: Any, receiver: Any, mail_server: Any) -> None:
    directory.webhook(receiver.url)
    directory.happens(directory.moved(new_id(), "APPROVE"))
    directory.address()
    directory.send_webhooks()
    assert counts(directory) == (1, 2, 1, 1)
    for days, kept in ((29, (1, 2, 1, 1)), (31, (1, 2, 0, 0)), (399, (1, 2, 0, 0)), (401, (1, 2, 0, 0))):
        age(directory, days)
        retention.purge(directory.database)
        assert counts(directory) == kept, f"after {days} days, with e-mails that wait"
    directory.mail_sender(mail_server.port).send_some(Stop())
    retention.purge(directory.database)
    assert counts(directory) == (0, 0, 0, 0)
