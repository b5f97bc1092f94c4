"""Accounts: what proves who somebody is, and long-lived tokens."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "20261123_accounts"
down_revision = "20261123_files"
branch_labels = None
depends_on = None

_ID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the change: users of before are members without an email."""
    # Added one by one and not by copying the table: uploads refer to its rows.
    for column in _columns():
        op.add_column("users", column)
    users = sa.table("users", sa.column("created_at", _TIME), sa.column("updated_at", _TIME))
    now = datetime.now(UTC)
    op.execute(users.update().values(created_at=now, updated_at=now))
    for columns, unique in _INDEXES.items():
        op.create_index(f"ix_users_{'_'.join(columns)}", "users", columns, unique=unique)
    op.create_table(
        "tokens",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=True),
        sa.Column("last_used_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tokens_user_id_users"),
    )
    op.create_index("ix_tokens_token_hash", "tokens", ["token_hash"], unique=True)
    op.create_index("ix_tokens_user_id_created_at_id", "tokens", ["user_id", "created_at", "id"])
    op.create_index("ix_tokens_created_at_id", "tokens", ["created_at", "id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("tokens")
    for columns in _INDEXES:
        op.drop_index(f"ix_users_{'_'.join(columns)}", "users")
    for column in reversed(_columns()):
        op.drop_column("users", column.name)


_INDEXES = {
    ("email",): True,
    ("issuer", "subject"): True,
    ("created_at", "id"): False,
    ("name", "id"): False,
}


def _columns() -> list[sa.Column[object]]:
    """Return what a user has besides id and name; a column belongs to one table only."""
    # SQLite adds a column that is never null only with a constant for the rows that are there.
    epoch = sa.text("'1970-01-01 00:00:00.000000'")
    return [
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("role", sa.String(10), nullable=False, server_default="member"),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.Column("credentials_version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("issuer", sa.String(255), nullable=True),
        sa.Column("subject", sa.String(255), nullable=True),
        sa.Column("created_at", _TIME, nullable=False, server_default=epoch),
        sa.Column("updated_at", _TIME, nullable=False, server_default=epoch),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
    ]
