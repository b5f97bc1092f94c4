"""When the sweeper last ran, and how much it removed."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_swept"
down_revision = "20261123_admin"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("instance", sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("instance", sa.Column("swept", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("instance", "swept")
    op.drop_column("instance", "swept_at")
