"""Uploads, and which database this is."""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "20261123_uploads"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the change."""
    instance = op.create_table(
        "instance",
        sa.Column("id", _ID, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_instance"),
    )
    op.bulk_insert(instance, [{"id": str(uuid.uuid4()), "created_at": datetime.now(UTC)}])
    op.create_table(
        "uploads",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("filename", sa.String(120), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("checksum", sa.String(71), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.UniqueConstraint("key", name="uq_uploads_key"),
    )
    for columns in _INDEXES:
        op.create_index(f"ix_uploads_{'_'.join(columns)}", "uploads", columns)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("uploads")
    op.drop_table("instance")


_INDEXES = [
    ["created_at", "id"],
    ["size", "id"],
    ["filename", "id"],
    ["media_type", "created_at", "id"],
    ["checksum"],
]
