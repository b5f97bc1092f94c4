"""Uploads are found by the bytes that were sent in an index of those that are served otherwise."""

from contextlib import nullcontext

import sqlalchemy as sa
from alembic import op

revision = "20261129_stripped"
down_revision = "20261129_words"
branch_labels = None
depends_on = None

_STRIPPED = sa.text("received_checksum <> checksum")


def upgrade() -> None:
    """Apply the change; `import` of an older program finds such uploads more slowly."""
    _replace("ix_uploads_received_checksum", "ix_uploads_stripped", _STRIPPED)


def downgrade() -> None:
    """Take it back."""
    _replace("ix_uploads_stripped", "ix_uploads_received_checksum", None)


def _replace(old: str, new: str, where: sa.TextClause | None) -> None:
    """Replace an index; on PostgreSQL writers go on meanwhile."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    with op.get_context().autocommit_block() if postgresql else nullcontext():
        if postgresql:
            # What an interrupted attempt left is there and not valid.
            op.drop_index(new, "uploads", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            new,
            "uploads",
            ["received_checksum"],
            sqlite_where=where,
            postgresql_where=where,
            postgresql_concurrently=True,
        )
        op.drop_index(old, "uploads", if_exists=True, postgresql_concurrently=True)
