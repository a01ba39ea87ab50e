"""Tables of the submissions database. Migrations make them; a test compares the two."""

from __future__ import annotations

from chassis.sql.tables import shared_tables
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()
shared_tables(metadata)

SLUG_TAKEN = "submissions_slug_taken"
SERVER_URL_TAKEN = "submissions_server_url_taken"
OPEN_SUBMISSION_ITEM = "review_items_one_open_a_submission"
OPEN_REVISION_ITEM = "review_items_one_open_a_revision"
ONE_OPEN_TRANSFER = "transfers_one_open_a_submission"
OPEN_DRIFT_ITEM = "review_items_one_open_drift"
OPEN_ASIDE_ITEM = "review_items_one_open_of_a_kind"
CANNED_TITLE_TAKEN = "canned_responses_title"

_LIVE = "state IN ('checking', 'in_review', 'changes_requested', 'approved', 'published', 'suspended', 'delisted')"
_Time = DateTime(timezone=True)

# People and organizations are another service's: their ids are texts here. Ids made here are UUIDs.
submissions = Table(
    "submissions",
    metadata,
    Column("submission_id", Uuid(as_uuid=False), primary_key=True),
    Column("organization_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("form", JSONB, nullable=False),
    # Taken out of the form for queries; the form stays what the publisher wrote.
    Column("server_url", Text),
    Column("server_url_digest", Text),
    Column("slug", Text),
    Column("display_name", Text, nullable=False),
    Column("tagline", Text, nullable=False),
    # Access for reviewers: sealed; the two flags say what is inside without opening it.
    Column("sealed_access", LargeBinary),
    Column("has_instructions", Boolean, nullable=False),
    Column("has_credentials", Boolean, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("thread_length", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", _Time, nullable=False),
    Column("updated_at", _Time, nullable=False),
    Column("state_changed_at", _Time, nullable=False),
    Column("submitted_at", _Time),
    Column("first_published_at", _Time),
    Column("deleted_at", _Time),
    # domain.look_alikes.keys of slug and name, made when first needed; a trigger of the third migration forgets them.
    Column("look_alike_keys", ARRAY(Text)),
    # What people are told of a deprecated server; NULL since when for all others.
    Column("deprecated_since", _Time),
    Column("deprecation_message", Text, nullable=False, server_default=text("''")),
    Column("successor", Text, nullable=False, server_default=text("''")),
    # The last rejection was appealed.
    Column("appealed", Boolean, nullable=False, server_default=text("false")),
    # Changes of the last edit of the listing are asked for, and nothing was submitted or discarded since.
    Column("edit_returned", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("version > 0", name="submissions_version_positive"),
    Index(SLUG_TAKEN, "slug", unique=True, postgresql_where=text(f"{_LIVE} OR first_published_at IS NOT NULL")),
    # A digest, because an index entry cannot hold the longest URLs.
    Index(SERVER_URL_TAKEN, "server_url_digest", unique=True, postgresql_where=text(_LIVE)),
    Index(
        "submissions_of_organization",
        "organization_id",
        text("updated_at DESC"),
        text("submission_id DESC"),
        postgresql_where=text("deleted_at IS NULL"),
    ),
    Index("submissions_made_lately", "organization_id", "created_at"),
    Index(
        "submissions_look_alike_keys",
        "look_alike_keys",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},  # read as often as written: no list of pending entries to go through
        postgresql_where=text("first_published_at IS NOT NULL"),
    ),
    Index(
        "submissions_without_look_alike_keys",
        "submission_id",
        postgresql_where=text("first_published_at IS NOT NULL AND look_alike_keys IS NULL"),
    ),
    Index("submissions_published", "submission_id", postgresql_where=text("state = 'published'")),
    Index("submissions_to_check", "state_changed_at", postgresql_where=text("state = 'checking'")),
)

thread_entries = Table(
    "thread_entries",
    metadata,
    Column("entry_id", Uuid(as_uuid=False), primary_key=True),
    Column(
        "submission_id",
        Uuid(as_uuid=False),
        ForeignKey("submissions.submission_id", name="thread_entries_submission"),
        nullable=False,
    ),
    Column("position", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("author_role", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("author_name", Text, nullable=False),
    Column("at", _Time, nullable=False),
    Column("body", Text, nullable=False),
    Column("move", Text),
    Column("state", Text),
    Column("reason_code", Text, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("revision_id", Uuid(as_uuid=False)),
    # Words of tools that were taken over without a review, before and after: nothing else keeps those before.
    Column("tool_changes", JSONB(none_as_null=True)),
    UniqueConstraint("submission_id", "position", name="thread_entries_position"),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("entry_id", Uuid(as_uuid=False), primary_key=True),
    Column("submission_id", Uuid(as_uuid=False), nullable=False),
    Column("at", _Time, nullable=False),
    Column("actor_role", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text),
    Column("version", BigInteger, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("request_id", Text, nullable=False),
    Index("audit_entries_of_submission", "submission_id", "at"),
    # For the desk's statistics: decisions that leave their item open.
    Index("audit_entries_tool_requests", "at", postgresql_where=text("action = 'request_tool_changes'")),
)

review_items = Table(
    "review_items",
    metadata,
    Column("review_item_id", Uuid(as_uuid=False), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column(
        "submission_id",
        Uuid(as_uuid=False),
        ForeignKey("submissions.submission_id", name="review_items_submission"),
        nullable=False,
    ),
    Column("revision_id", Uuid(as_uuid=False)),
    Column("organization_id", Text, nullable=False),
    Column("opened_at", _Time, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("warnings", Integer, nullable=False),
    Column("claimed_by", Text),
    Column("claimed_by_name", Text, nullable=False),
    Column("claim_expires_at", _Time),
    Column("decision", Text),
    Column("decided_by", Text),
    Column("decided_by_name", Text, nullable=False),
    Column("closed_at", _Time),
    Column("comment", Text, nullable=False),
    Column("reason_code", Text, nullable=False),
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
    # The form of a submission, as it was handed in.
    Column("handed_in", JSONB(none_as_null=True)),
    # Contents of a revision: what is live, and what is asked for.
    Column("before", JSONB(none_as_null=True)),
    Column("after", JSONB(none_as_null=True)),
    # What the checks found in the words of a revision; those of a submission stand with it.
    Column("findings", JSONB, nullable=False, server_default=text("'[]'")),
    Index(
        OPEN_SUBMISSION_ITEM,
        "submission_id",
        unique=True,
        postgresql_where=text("state = 'open' AND kind = 'submission'"),
    ),
    Index(
        OPEN_REVISION_ITEM, "revision_id", unique=True, postgresql_where=text("state = 'open' AND kind = 'revision'")
    ),
    Index(
        "review_items_open_revisions", "submission_id", postgresql_where=text("state = 'open' AND kind = 'revision'")
    ),
    Index(OPEN_DRIFT_ITEM, "submission_id", unique=True, postgresql_where=text("state = 'open' AND kind = 'drift'")),
    Index(
        OPEN_ASIDE_ITEM,
        "submission_id",
        "kind",
        unique=True,
        postgresql_where=text("state = 'open' AND kind IN ('appeal', 'reply')"),
    ),
    Index("review_items_queue", "opened_at", "review_item_id", postgresql_where=text("state = 'open'")),
    Index("review_items_closed", "state", text("closed_at DESC"), text("review_item_id DESC")),
    Index("review_items_of_submission", "submission_id", "opened_at"),
    Index("review_items_opened", "opened_at"),
)

# Who has an item open now. A row counts until it ends; the next look at the item removes it.
review_presence = Table(
    "review_presence",
    metadata,
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

# The staff, as the grants say that they showed at the desk: whom items can be assigned to.
reviewers = Table(
    "reviewers",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("lead", Boolean, nullable=False),
    Column("organizations", ARRAY(Text), nullable=False),
    Column("seen_at", _Time, nullable=False),
)

canned_responses = Table(
    "canned_responses",
    metadata,
    Column("canned_response_id", Uuid(as_uuid=False), primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_by_name", Text, nullable=False),
    Column("changed_at", _Time, nullable=False),
    Index(CANNED_TITLE_TAKEN, text("lower(title)"), unique=True),
)

# One row a submission: the run that is under way, and what the last finished one brought.
server_checks = Table(
    "server_checks",
    metadata,
    Column(
        "submission_id",
        Uuid(as_uuid=False),
        ForeignKey("submissions.submission_id", name="server_checks_submission"),
        primary_key=True,
    ),
    # Changes with every attempt: a result counts only while the row still names its run.
    Column("run_id", Uuid(as_uuid=False), nullable=False),
    Column("purpose", Text, nullable=False),
    # The submission's state_changed_at: a submission that was sent in again begins another round.
    Column("round", _Time, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("asked_at", _Time, nullable=False),
    # From when somebody may take the run, or take it over; NULL once it is finished.
    Column("due_at", _Time),
    # From here on: of the last finished run.
    Column("finished_at", _Time),
    Column("submission_version", BigInteger, nullable=False),
    Column("server_url", Text, nullable=False),
    Column("reach", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("server_name", Text, nullable=False),
    Column("server_version", Text, nullable=False),
    Column("protocol_version", Text, nullable=False),
    # Canonical JSON of all tools by name, and its digest: what a later list is compared with. NULL: none were seen.
    Column("tools", Text),
    Column("tools_digest", Text),
    Index("server_checks_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
)

# Offers of a submission to another organization, and what became of them. Name, slug and address stay as they were: an
# organization that gave a server away sees nothing of what its new owner makes of it.
transfers = Table(
    "transfers",
    metadata,
    Column("transfer_id", Uuid(as_uuid=False), primary_key=True),
    Column(
        "submission_id",
        Uuid(as_uuid=False),
        ForeignKey("submissions.submission_id", name="transfers_submission"),
        nullable=False,
    ),
    Column("from_organization_id", Text, nullable=False),
    Column("to_organization_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("server_url", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("offered_by", Text, nullable=False),
    Column("offered_by_name", Text, nullable=False),
    Column("offered_at", _Time, nullable=False),
    Column("expires_at", _Time, nullable=False),
    Column("closed_at", _Time),
    Column("closed_by", Text, nullable=False),
    Column("closed_by_name", Text, nullable=False),
    Index(ONE_OPEN_TRANSFER, "submission_id", unique=True, postgresql_where=text("state = 'offered'")),
    Index("transfers_to_expire", "expires_at", postgresql_where=text("state = 'offered'")),
    Index("transfers_given", "from_organization_id", text("offered_at DESC"), text("transfer_id DESC")),
    Index("transfers_received", "to_organization_id", text("offered_at DESC"), text("transfer_id DESC")),
)

# One row a server that was ever published: when it is looked at next, and what the looks have found.
server_probes = Table(
    "server_probes",
    metadata,
    Column(
        "submission_id",
        Uuid(as_uuid=False),
        ForeignKey("submissions.submission_id", name="server_probes_submission"),
        primary_key=True,
    ),
    # Changes with every attempt: a result counts only while the row still names its run.
    Column("run_id", Uuid(as_uuid=False), nullable=False),
    Column("attempt", Integer, nullable=False),
    # From when somebody may take the look, or take it over from who took it.
    Column("due_at", _Time, nullable=False),
    Column("taken", Boolean, nullable=False),
    # Of a look by hand that has not finished; and of the last one, finished or not.
    Column("asked_at", _Time),
    Column("asked_last_at", _Time),
    Column("looked_at", _Time),
    # domain.endpoint_health.Standing
    Column("health", Text),
    Column("since", _Time),
    Column("failures", Integer, nullable=False),
    Column("told", Text),
    Column("remark", Text, nullable=False),
    Column("tools_count", Integer),
    Column("tools_seen_at", _Time),
    Index("server_probes_due", "due_at"),
)

# When each organization was last served by the loops that look at servers (store.turns).
turns = Table(
    "turns",
    metadata,
    Column("queue", Text, primary_key=True),
    Column("organization_id", Text, primary_key=True),
    Column("served_at", _Time, nullable=False),
)

# What later lists of a server's tools are compared with: canonical JSON, as in server_checks.
approved_tools = Table(
    "approved_tools",
    metadata,
    Column(
        "submission_id",
        Uuid(as_uuid=False),
        ForeignKey("submissions.submission_id", name="approved_tools_submission"),
        primary_key=True,
    ),
    Column("tools", Text, nullable=False),
    Column("tools_digest", Text, nullable=False),
    Column("since", _Time, nullable=False),
)

# What a review item of kind drift is about: the approved tools, and those that the server offers.
tool_drifts = Table(
    "tool_drifts",
    metadata,
    Column(
        "review_item_id",
        Uuid(as_uuid=False),
        ForeignKey("review_items.review_item_id", name="tool_drifts_review_item"),
        primary_key=True,
    ),
    Column("approved", Text, nullable=False),
    Column("offered", Text, nullable=False),
    Column("offered_digest", Text, nullable=False),
    Column("changed_at", _Time, nullable=False),
    Column("findings", JSONB, nullable=False),
    # While the item waits for its publisher, and what they were asked for.
    Column("changes_requested_at", _Time),
    Column("request", Text, nullable=False),
    Column("reason_code", Text, nullable=False, server_default=text("''")),
)

# Each list of tools that was seen while an item was open; in a sentence, because a server could fill any store.
tool_drift_steps = Table(
    "tool_drift_steps",
    metadata,
    Column(
        "review_item_id",
        Uuid(as_uuid=False),
        ForeignKey("tool_drifts.review_item_id", name="tool_drift_steps_drift"),
        primary_key=True,
    ),
    Column("number", Integer, primary_key=True),
    Column("at", _Time, nullable=False),
    Column("offered_digest", Text, nullable=False),
    Column("summary", Text, nullable=False),
)
