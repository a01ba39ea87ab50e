"""Organizations, persons, members, custom roles, access tokens."""

import sqlalchemy as sa
from alembic import op
from chassis.sql.migrations import create_shared_tables
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_ID = sa.Uuid(as_uuid=False)
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_shared_tables(op)
    _organizations()
    _persons()
    _members()
    _custom_roles()
    _access_tokens()


def _organizations() -> None:
    op.create_table(
        "organizations",
        sa.Column("organization_id", _ID, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, sa.CheckConstraint("plan IN ('free', 'pro', 'team', 'enterprise')"), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
    )
    op.create_index("organizations_name", "organizations", [sa.text("lower(name)")], unique=True)


def _persons() -> None:
    op.create_table(
        "persons",
        sa.Column("person_id", _ID, primary_key=True),
        sa.Column("issuer", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("holds_address", sa.Boolean, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("staff_role", sa.Text, sa.CheckConstraint("staff_role IN ('reviewer', 'lead_reviewer')")),
        sa.Column("created_at", _TIME, nullable=False),
        sa.UniqueConstraint("issuer", "subject", name="persons_sign_in"),
        sa.CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="persons_whole_sign_in"),
    )
    op.create_index("persons_address", "persons", ["email"], unique=True, postgresql_where=sa.text("holds_address"))


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("organization_id", _ID, sa.ForeignKey("organizations.organization_id"), primary_key=True),
        sa.Column("person_id", _ID, sa.ForeignKey("persons.person_id"), primary_key=True),
        sa.Column(
            "role",
            sa.Text,
            sa.CheckConstraint("role IN ('primary_owner', 'owner', 'admin', 'member')"),
            nullable=False,
        ),
        sa.Column("created_at", _TIME, nullable=False),
    )
    op.create_index(
        "members_primary_owner",
        "members",
        ["organization_id"],
        unique=True,
        postgresql_where=sa.text("role = 'primary_owner'"),
    )
    op.create_index("members_person", "members", ["person_id"])


def _custom_roles() -> None:
    op.create_table(
        "custom_roles",
        sa.Column("custom_role_id", _ID, primary_key=True),
        sa.Column("organization_id", _ID, sa.ForeignKey("organizations.organization_id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.UniqueConstraint("organization_id", "custom_role_id", name="custom_roles_of_organization"),
    )
    op.create_index("custom_roles_name", "custom_roles", ["organization_id", sa.text("lower(name)")], unique=True)
    op.create_table(
        "member_custom_roles",
        sa.Column("organization_id", _ID, primary_key=True),
        sa.Column("person_id", _ID, primary_key=True),
        sa.Column("custom_role_id", _ID, primary_key=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["members.organization_id", "members.person_id"],
            name="member_custom_roles_member",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "custom_role_id"],
            ["custom_roles.organization_id", "custom_roles.custom_role_id"],
            name="member_custom_roles_custom_role",
            ondelete="CASCADE",
        ),
    )
    op.create_index("member_custom_roles_by_role", "member_custom_roles", ["organization_id", "custom_role_id"])


def _access_tokens() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("access_token_id", _ID, primary_key=True),
        sa.Column("person_id", _ID, sa.ForeignKey("persons.person_id"), nullable=False),
        sa.Column("organization_id", _ID, sa.ForeignKey("organizations.organization_id")),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("prefix", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("last_used_at", _TIME),
        sa.Column("revoked_at", _TIME),
    )
    op.create_index("access_tokens_person", "access_tokens", ["person_id"])
