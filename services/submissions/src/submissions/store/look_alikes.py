"""What looks like a submission's slug, name or server URL among the others.

Slugs and names are compared with what other organizations published, server URLs with whatever is live.
"""

from __future__ import annotations

from sqlalchemy import Connection, Text, bindparam, cast, func, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY, array

from submissions.domain import look_alikes
from submissions.domain.checks import Finding
from submissions.domain.lifecycle import LIVE
from submissions.domain.look_alikes import Named
from submissions.domain.server_url import slash_turned
from submissions.store.submissions import REMOTE_MCP, Submission
from submissions.store.tables import submissions as table
from submissions.store.uniqueness import server_url_digest

# Finding that many is enough to say so; the rest would be named by nobody.
_MOST = 50


def of(connection: Connection, submission: Submission) -> list[Finding]:
    """What is to be said of a submission's slug, name and server URL."""
    named = of_named(connection, submission, Named(submission.slug or "", submission.display_name))
    return [*named, *_of_address(connection, submission)]


def of_named(connection: Connection, submission: Submission, named: Named) -> list[Finding]:
    """What would be to be said if the submission bore this slug and this name."""
    _make_missing_keys(connection)
    keys = (
        func.unnest(cast(sorted(look_alikes.searched(named)), ARRAY(Text))).table_valued("key").render_derived("keys")
    )
    # One look into the index for each key, which the OFFSET sees to: for many keys the planner expects a large part of
    # the table to match, and would read all of it.
    found = (
        select(table.c.submission_id, table.c.first_published_at, table.c.slug, table.c.display_name)
        .where(
            table.c.first_published_at.is_not(None),
            table.c.look_alike_keys.contains(array([keys.c.key])),
            table.c.organization_id != submission.organization_id,
            table.c.kind == REMOTE_MCP,
            table.c.deleted_at.is_(None),
        )
        .offset(0)
        .lateral("found")
    )
    query = select(found).select_from(keys.join(found, true())).distinct()
    rows = connection.execute(query.order_by(found.c.first_published_at, found.c.submission_id).limit(_MOST))
    return list(look_alikes.findings(named, [Named(row.slug or "", row.display_name) for row in rows]))


def _of_address(connection: Connection, submission: Submission) -> list[Finding]:
    url = submission.form.server_url if submission.form else ""
    if not url:
        return []
    query = select(table.c.slug, table.c.first_published_at).where(
        table.c.server_url_digest == server_url_digest(slash_turned(url)),
        table.c.state.in_(sorted(LIVE)),
        table.c.submission_id != submission.submission_id,
    )
    # One at most: an address belongs to one live submission.
    row = connection.execute(query).one_or_none()
    return [] if row is None else [look_alikes.address_finding(row.slug if row.first_published_at else "")]


def _make_missing_keys(connection: Connection) -> None:
    """Keys of what was published, or got another name, since the last look.

    A trigger forgets them with every change of slug or name, whatever code makes it. What another transaction holds
    is passed over: it is being changed, or its keys are being made.
    """
    missing = select(table.c.submission_id, table.c.slug, table.c.display_name).where(
        table.c.first_published_at.is_not(None), table.c.look_alike_keys.is_(None)
    )
    rows = connection.execute(missing.order_by(table.c.submission_id).with_for_update(skip_locked=True)).all()
    made = [
        {"id": row.submission_id, "keys": sorted(look_alikes.keys(Named(row.slug or "", row.display_name)))}
        for row in rows
    ]
    if made:
        write = update(table).where(table.c.submission_id == bindparam("id"))
        connection.execute(write.values(look_alike_keys=bindparam("keys")), made)
