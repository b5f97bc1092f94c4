"""When uploads end, and since when presets are what they are."""

import sqlalchemy as sa
from alembic import op

revision = "20261124_leases"
down_revision = "20261123_swept"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
# What uploads are counted by; with the end of the lease these are answered by the index alone.
_COUNTED = (
    ("created_at", "id"),
    ("size", "id"),
    ("media_type", "created_at", "id"),
    ("owner_id", "created_at", "id"),
)


def upgrade() -> None:
    """Apply the change."""
    # Not by copying the table: that would lose its triggers on SQLite.
    op.add_column("uploads", sa.Column("expires_at", _TIME, nullable=True))
    op.add_column("instance", sa.Column("presets_digest", sa.String(64), nullable=True))
    op.add_column("instance", sa.Column("presets_since", _TIME, nullable=True))
    for columns in _COUNTED:
        _create(*columns, "expires_at")
        _drop(*columns)
    _create_few("not_ready", "status <> 'ready'", "created_at", "id")
    _create_few("leased", "expires_at IS NOT NULL", "expires_at", "id")


def downgrade() -> None:
    """Take it back; what had a lease is kept for good."""
    op.drop_index("ix_uploads_leased", "uploads")
    op.drop_index("ix_uploads_not_ready", "uploads")
    for columns in _COUNTED:
        _create(*columns)
        _drop(*columns, "expires_at")
    op.drop_column("instance", "presets_since")
    op.drop_column("instance", "presets_digest")
    op.drop_column("uploads", "expires_at")


def _create(*columns: str) -> None:
    op.create_index(f"ix_uploads_{'_'.join(columns)}", "uploads", list(columns))


def _drop(*columns: str) -> None:
    op.drop_index(f"ix_uploads_{'_'.join(columns)}", "uploads")


def _create_few(name: str, condition: str, *columns: str) -> None:
    where = sa.text(condition)
    op.create_index(
        f"ix_uploads_{name}",
        "uploads",
        list(columns),
        sqlite_where=where,
        postgresql_where=where,
    )
