"""The tables of authz; `migrations/` makes the same ones, and a test compares the two."""

from __future__ import annotations

from chassis.sql.tables import shared_tables
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData()
shared_tables(metadata)

_ID = Uuid(as_uuid=False)
_TIME = DateTime(timezone=True)

organizations = Table(
    "organizations",
    metadata,
    Column("organization_id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("plan", Text, CheckConstraint("plan IN ('free', 'pro', 'team', 'enterprise')"), nullable=False),
    Column("created_at", _TIME, nullable=False),
)
Index("organizations_name", func.lower(organizations.c.name), unique=True)

# A person in waiting has neither issuer nor subject. At most one person holds an address (see domain/persons.py).
persons = Table(
    "persons",
    metadata,
    Column("person_id", _ID, primary_key=True),
    Column("issuer", Text),
    Column("subject", Text),
    Column("email", Text, nullable=False),
    Column("holds_address", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("staff_role", Text, CheckConstraint("staff_role IN ('reviewer', 'lead_reviewer')")),
    Column("created_at", _TIME, nullable=False),
    UniqueConstraint("issuer", "subject", name="persons_sign_in"),
    CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="persons_whole_sign_in"),
)
Index("persons_address", persons.c.email, unique=True, postgresql_where=text("holds_address"))

members = Table(
    "members",
    metadata,
    Column("organization_id", _ID, ForeignKey("organizations.organization_id"), primary_key=True),
    Column("person_id", _ID, ForeignKey("persons.person_id"), primary_key=True),
    Column("role", Text, CheckConstraint("role IN ('primary_owner', 'owner', 'admin', 'member')"), nullable=False),
    Column("created_at", _TIME, nullable=False),
    # Empty where an owner named the person, who has not acted for the organization since.
    Column("accepted_at", _TIME),
)
Index(
    "members_primary_owner",
    members.c.organization_id,
    unique=True,
    postgresql_where=text("role = 'primary_owner'"),
)
Index("members_person", members.c.person_id)

custom_roles = Table(
    "custom_roles",
    metadata,
    Column("custom_role_id", _ID, primary_key=True),
    Column("organization_id", _ID, ForeignKey("organizations.organization_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("created_at", _TIME, nullable=False),
    UniqueConstraint("organization_id", "custom_role_id", name="custom_roles_of_organization"),
)
Index("custom_roles_name", custom_roles.c.organization_id, func.lower(custom_roles.c.name), unique=True)

# The keys run over the organization, so that nobody holds a custom role of an organization other than the membership's.
member_custom_roles = Table(
    "member_custom_roles",
    metadata,
    Column("organization_id", _ID, primary_key=True),
    Column("person_id", _ID, primary_key=True),
    Column("custom_role_id", _ID, primary_key=True),
    ForeignKeyConstraint(
        ["organization_id", "person_id"],
        ["members.organization_id", "members.person_id"],
        name="member_custom_roles_member",
        ondelete="CASCADE",
    ),
    ForeignKeyConstraint(
        ["organization_id", "custom_role_id"],
        ["custom_roles.organization_id", "custom_roles.custom_role_id"],
        name="member_custom_roles_custom_role",
        ondelete="CASCADE",
    ),
)
Index("member_custom_roles_by_role", member_custom_roles.c.organization_id, member_custom_roles.c.custom_role_id)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("access_token_id", _ID, primary_key=True),
    Column("person_id", _ID, ForeignKey("persons.person_id"), nullable=False),
    Column("organization_id", _ID, ForeignKey("organizations.organization_id")),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("prefix", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("expires_at", _TIME, nullable=False),
    Column("last_used_at", _TIME),
    Column("revoked_at", _TIME),
)
Index("access_tokens_person", access_tokens.c.person_id)
