"""Sessions of the admin pages whose users have signed out."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_revoked"
down_revision = "20261129_parents"
branch_labels = None
depends_on = None

_ID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")


def upgrade() -> None:
    """Apply the change; an older program goes on to accept copies of their cookies."""
    op.create_table(
        "revoked_sessions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revoked_sessions"),
    )
    op.create_index("ix_revoked_sessions_expires_at", "revoked_sessions", ["expires_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("revoked_sessions")
