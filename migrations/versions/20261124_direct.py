"""Direct uploads: until when they are to be kept, and why one was refused."""

import sqlalchemy as sa
from alembic import op

revision = "20261124_direct"
down_revision = "20261124_received"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    # Not by copying the table: that would lose its triggers on SQLite.
    op.add_column("uploads", sa.Column("kept_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("uploads", sa.Column("refusal", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take it back; what is not published can be no more, and goes when its lease ends."""
    op.drop_column("uploads", "refusal")
    op.drop_column("uploads", "kept_until")
