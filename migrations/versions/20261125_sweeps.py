"""How many orphans the sweeper found last."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_sweeps"
down_revision = "20261124_direct"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("instance", sa.Column("swept_orphans", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("instance", "swept_orphans")
