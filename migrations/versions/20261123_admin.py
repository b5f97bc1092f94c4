"""Indexes of uploads that nobody described, and of private ones."""

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
    """Apply the change."""
    for name, condition in _CONDITIONS.items():
        where = sa.text(condition)
        columns = ["created_at", "id"]
        op.create_index(name, "uploads", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Take it back."""
    for name in _CONDITIONS:
        op.drop_index(name, "uploads")
