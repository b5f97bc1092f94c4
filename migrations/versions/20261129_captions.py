"""The caption and the credit of an upload."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_captions"
down_revision = "20261125_sweeps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change; an older program leaves both empty."""
    for name in ("caption", "credit"):
        op.add_column("uploads", sa.Column(name, sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it back."""
    for name in ("credit", "caption"):
        op.drop_column("uploads", name)
