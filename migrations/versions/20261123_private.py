"""Who may see a file, and versions of presets, which clients may write now."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_private"
down_revision = "20261123_usage"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    # Not by copying the table: that would lose its triggers on SQLite.
    op.add_column(
        "uploads",
        sa.Column("visibility", sa.String(10), nullable=False, server_default="public"),
    )
    op.add_column("presets", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    """Take it back; what is private stays under its own key."""
    op.drop_column("presets", "version")
    op.drop_column("uploads", "visibility")
