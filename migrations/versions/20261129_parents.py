"""The token that created a token."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_parents"
down_revision = "20261129_captions"
branch_labels = None
depends_on = None

_ID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")


def upgrade() -> None:
    """Apply the change; tokens of before, and those of an older program, have no parent."""
    op.add_column("tokens", sa.Column("parent_id", _ID, nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("tokens", "parent_id")
