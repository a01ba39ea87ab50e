"""Tables of the listings database. Migrations make them; a test compares the two."""

from chassis.sql.tables import shared_tables
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
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
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
shared_tables(metadata)

SLUG_TAKEN = "listings_slug_taken"
SLUG_PERMANENT = "listings_slug_permanent"
ONE_OPEN_REVISION = "revisions_one_open_a_listing"

_Id = Uuid(as_uuid=False)
_Time = DateTime(timezone=True)

# People and organizations are another service's: their ids are texts here. Ids made here are UUIDs.
listings = Table(
    "listings",
    metadata,
    Column("listing_id", _Id, primary_key=True),
    Column("organization_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    # A trigger of the first migration (SLUG_PERMANENT) refuses any change of it after the first publication.
    Column("slug", Text),
    Column("live", JSONB, nullable=False),
    # Made from the words, case and locale apart: a server's locale may know ASCII only.
    Column("sort_name", Text(collation="C"), nullable=False),
    Column("search_text", Text, nullable=False),
    Column("server_url", Text, nullable=False),
    Column("transport", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("last_number", BigInteger, nullable=False),
    Column("first_published_at", _Time),
    Column("live_since", _Time),
    Column("state_message", Text, nullable=False),
    # What people are told of a deprecated server; NULL since when for all others.
    Column("deprecated_since", _Time),
    Column("deprecation_message", Text, nullable=False, server_default=text("''")),
    Column("successor", Text, nullable=False, server_default=text("''")),
    # When it passed to the present owner; NULL where that is the first one.
    Column("owner_since", _Time),
    UniqueConstraint("slug", name=SLUG_TAKEN),
    CheckConstraint("state IN ('unpublished', 'live', 'suspended', 'delisted')", name="listings_state_known"),
    CheckConstraint(
        "state = 'unpublished' OR (slug IS NOT NULL AND first_published_at IS NOT NULL AND live_since IS NOT NULL)",
        name="listings_published_whole",
    ),
    Index("listings_by_name", "sort_name", "listing_id", postgresql_where=text("state = 'live'")),
)

revisions = Table(
    "revisions",
    metadata,
    Column("revision_id", _Id, primary_key=True),
    Column("listing_id", _Id, ForeignKey("listings.listing_id", name="revisions_listing"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("editor_id", Text, nullable=False),
    Column("editor_name", Text, nullable=False),
    Column("unsent", JSONB(none_as_null=True)),
    Column("unsent_editor_id", Text, nullable=False),
    Column("unsent_editor_name", Text, nullable=False),
    Column("changed_fields", ARRAY(Text), nullable=False),
    Column("message", Text, nullable=False),
    Column("submitter_id", Text, nullable=False),
    Column("submitter_name", Text, nullable=False),
    Column("decided_by_name", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("created_at", _Time, nullable=False),
    Column("submitted_at", _Time),
    Column("closed_at", _Time),
    Column("restores_number", BigInteger),
    Column("applied_by_setting", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("listing_id", "number", name="revisions_number"),
    CheckConstraint(
        "state IN ('editing', 'pending', 'applied', 'rejected', 'changes_requested', 'discarded', 'superseded')",
        name="revisions_state_known",
    ),
    Index(
        ONE_OPEN_REVISION,
        "listing_id",
        unique=True,
        postgresql_where=text("state IN ('editing', 'pending', 'changes_requested')"),
    ),
)

# A trigger of the migrations (keep_versions) writes them whenever a listing changes what the public sees of it.
versions = Table(
    "versions",
    metadata,
    Column("listing_id", _Id, ForeignKey("listings.listing_id", name="versions_listing"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("content", JSONB, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("server_url", Text, nullable=False),
    Column("transport", Text, nullable=False),
    Column("is_latest", Boolean, nullable=False),
    Column("published_at", _Time, nullable=False),
    Column("updated_at", _Time, nullable=False),
    Column("state_changed_at", _Time, nullable=False),
    Index("versions_one_latest", "listing_id", unique=True, postgresql_where=text("is_latest")),
    Index("versions_by_update", "updated_at", "listing_id", "number"),
)

# Who is trusted, and since when, by whom and why: an organization's latest row decides. Rows are only ever added (a
# trigger of the third migration).
trust_changes = Table(
    "trust_changes",
    metadata,
    Column("change_id", BigInteger, Identity(always=True), primary_key=True),
    Column("organization_id", Text, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", _Time, nullable=False),
    Index("trust_changes_of_organization", "organization_id", text("change_id DESC")),
)

icons = Table(
    "icons",
    metadata,
    Column("icon_id", _Id, primary_key=True),
    Column("organization_id", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("uploaded_by", Text, nullable=False),
    Column("created_at", _Time, nullable=False),
    # When it was last uploaded, or asked for to be named in a form, to the day.
    Column("used_at", _Time, nullable=False, server_default=text("now()")),
    # The same file uploaded twice is one icon.
    UniqueConstraint("organization_id", "sha256", name="icons_upload"),
    Index("icons_made_lately", "organization_id", "created_at"),
)

icon_images = Table(
    "icon_images",
    metadata,
    Column("icon_id", _Id, ForeignKey("icons.icon_id", name="icon_images_icon"), primary_key=True),
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("png", LargeBinary, nullable=False),
    # The work process fills it in for icons that were stored before there was WebP.
    Column("webp", LargeBinary),
    Index("icon_images_without_webp", "icon_id", postgresql_where=text("webp IS NULL")),
)

# Organizations that may use an icon beside its uploader's: a listing that passed to them shows it, or did.
shared_icons = Table(
    "shared_icons",
    metadata,
    Column("icon_id", _Id, ForeignKey("icons.icon_id", name="shared_icons_icon"), primary_key=True),
    Column("organization_id", Text, primary_key=True),
)
