"""The review desk: appeals, replies, a second reviewer, assignment, presence, reviewers, canned responses.

Every new column has a value of its own, so that code of before, which knows none of them, works on.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_Time = DateTime(timezone=True)


def upgrade() -> None:
    """Adds columns, indexes and tables."""
    op.add_column("submissions", Column("appealed", Boolean, nullable=False, server_default=text("false")))
    for column in _of_items():
        op.add_column("review_items", column)
    op.create_index(
        "review_items_one_open_of_a_kind",
        "review_items",
        ["submission_id", "kind"],
        unique=True,
        postgresql_where=text("state = 'open' AND kind IN ('appeal', 'reply')"),
    )
    op.create_index("review_items_of_submission", "review_items", ["submission_id", "opened_at"])
    op.create_index("review_items_opened", "review_items", ["opened_at"])
    _make_tables()


def _of_items() -> list[Column[object]]:
    return [
        Column("blocks", Integer, nullable=False, server_default=text("0")),
        Column("lead_reviewer", Boolean, nullable=False, server_default=text("false")),
        Column("barred", ARRAY(Text), nullable=False, server_default=text("'{}'")),
        Column("assigned_to", Text),
        Column("assigned_to_name", Text, nullable=False, server_default=""),
        Column("replied_at", _Time),
        Column("proposed_by", Text),
        Column("proposed_by_name", Text, nullable=False, server_default=""),
        Column("proposed_at", _Time),
        Column("returned_by_name", Text, nullable=False, server_default=""),
        Column("returned_comment", Text, nullable=False, server_default=""),
        Column("handed_in", JSONB),
    ]


def _make_tables() -> None:
    op.create_table(
        "review_presence",
        Column(
            "review_item_id",
            Uuid(as_uuid=False),
            ForeignKey("review_items.review_item_id", name="review_presence_item"),
            primary_key=True,
        ),
        Column("person_id", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("ends_at", _Time, nullable=False),
    )
    op.create_table(
        "reviewers",
        Column("person_id", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("lead", Boolean, nullable=False),
        Column("organizations", ARRAY(Text), nullable=False),
        Column("seen_at", _Time, nullable=False),
    )
    op.create_table(
        "canned_responses",
        Column("canned_response_id", Uuid(as_uuid=False), primary_key=True),
        Column("title", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("changed_by", Text, nullable=False),
        Column("changed_by_name", Text, nullable=False),
        Column("changed_at", _Time, nullable=False),
        Index("canned_responses_title", text("lower(title)"), unique=True),
    )
