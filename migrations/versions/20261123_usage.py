"""How many bytes each user has stored, and sends in a day."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "20261123_usage"
down_revision = "20261123_accounts"
branch_labels = None
depends_on = None

_ID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")


def upgrade() -> None:
    """Apply the change; what is stored already counts, and today begins with nothing."""
    op.create_table(
        "usage",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("day_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_usage"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_usage_user_id_users", ondelete="CASCADE"
        ),
    )
    fill = sa.text(
        "INSERT INTO usage (user_id, stored_bytes, day, day_bytes) "
        "SELECT owner_id, SUM(size), :day, 0 FROM uploads "
        "WHERE owner_id IS NOT NULL GROUP BY owner_id"
    ).bindparams(sa.bindparam("day", datetime.now(UTC).date(), type_=sa.Date()))
    op.execute(fill)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("usage")
