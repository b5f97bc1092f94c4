"""What admins changed on the pages, to be undone; and filters of the list that they saved."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_edits"
down_revision = "20261129_resumable"
branch_labels = None
depends_on = None

_ID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the change; an older program does not look at these tables."""
    op.create_table(
        "edits",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.Column("undoes", _ID, nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_edits"),
        _user("edits"),
    )
    op.create_index("ix_edits_user_id_created_at_id", "edits", ["user_id", "created_at", "id"])
    op.create_index("ix_edits_expires_at", "edits", ["expires_at"])
    op.create_table(
        "edited_uploads",
        sa.Column("edit_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("upload_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("former", sa.JSON(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("edit_id", "number", name="pk_edited_uploads"),
        sa.ForeignKeyConstraint(
            ["edit_id"],
            ["edits.id"],
            name="fk_edited_uploads_edit_id_edits",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_filters"),
        _user("saved_filters"),
    )
    op.create_index("ix_saved_filters_user_id_name", "saved_filters", ["user_id", "name"])


def downgrade() -> None:
    """Take it back; saved filters are lost, and nothing can be undone any more."""
    op.drop_table("saved_filters")
    op.drop_table("edited_uploads")
    op.drop_table("edits")


def _user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE"
    )
