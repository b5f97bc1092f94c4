"""An index that finds an upload by the bytes that were sent: `import` asks for each file."""

from alembic import op

revision = "20261124_received"
down_revision = "20261124_leases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_index("ix_uploads_received_checksum", "uploads", ["received_checksum"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_uploads_received_checksum", "uploads")
