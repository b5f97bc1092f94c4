"""Resumable uploads, and the objects that hold what has arrived of them."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_resumable"
down_revision = "20261129_stripped"
branch_labels = None
depends_on = None

_ID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the change; an older program does not look at these tables."""
    op.create_table(
        "resumable_uploads",
        sa.Column("id", _ID, nullable=False),
        sa.Column("owner_id", _ID, nullable=True),
        sa.Column("sender", sa.String(32), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("sent_metadata", sa.Text(), nullable=False),
        sa.Column("concatenation", sa.Text(), nullable=False),
        sa.Column("repr_digest", sa.Text(), nullable=False),
        sa.Column("fencing_token", sa.Integer(), nullable=False),
        sa.Column("has_writer", sa.Boolean(), nullable=False),
        sa.Column("completing_until", _TIME, nullable=True),
        sa.Column("upload_id", _ID, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resumable_uploads"),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["users.id"],
            name="fk_resumable_uploads_owner_id_users",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_resumable_uploads_expires_at_id", "resumable_uploads", ["expires_at", "id"])
    unfinished = sa.text("upload_id IS NULL")
    op.create_index(
        "ix_resumable_uploads_unfinished",
        "resumable_uploads",
        ["sender"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )
    op.create_index("ix_resumable_uploads_owner_id", "resumable_uploads", ["owner_id"])
    op.create_table(
        "resumable_pieces",
        sa.Column("resumable_id", _ID, nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("resumable_id", "start", name="pk_resumable_pieces"),
        sa.ForeignKeyConstraint(
            ["resumable_id"],
            ["resumable_uploads.id"],
            name="fk_resumable_pieces_resumable_id_resumable_uploads",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("key", name="uq_resumable_pieces_key"),
    )


def downgrade() -> None:
    """Take it back; what has not been finished is lost."""
    op.drop_table("resumable_pieces")
    op.drop_table("resumable_uploads")
