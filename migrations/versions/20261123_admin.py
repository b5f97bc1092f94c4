"""Indexes of uploads that nobody described, and of private ones."""

from contextlib import nullcontext

import sqlalchemy as sa
from alembic import op

revision = "20261123_admin"
down_revision = "20261123_private"
branch_labels = None
depends_on = None

_CONDITIONS = {
    "ix_uploads_without_alt": "alt = ''",
    "ix_uploads_private": "visibility = 'private'",
}


def upgrade() -> None:
    """Apply the change; on PostgreSQL writers go on meanwhile, so it may be run beside servers."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    with op.get_context().autocommit_block() if postgresql else nullcontext():
        for name, condition in _CONDITIONS.items():
            if postgresql:
                # What an interrupted attempt left is there and not valid.
                op.drop_index(name, "uploads", if_exists=True, postgresql_concurrently=True)
            where = sa.text(condition)
            op.create_index(
                name,
                "uploads",
                ["created_at", "id"],
                sqlite_where=where,
                postgresql_where=where,
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    """Take it back."""
    for name in _CONDITIONS:
        op.drop_index(name, "uploads")
