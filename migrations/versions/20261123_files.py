"""Files that are no pictures have no width, height and frames."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "20261123_files"
down_revision = "20261123_variants"
branch_labels = None
depends_on = None

_OF_A_PICTURE = ("width", "height", "frames")


def upgrade() -> None:
    """Apply the change."""
    with _altered_uploads() as uploads:
        for column in _OF_A_PICTURE:
            uploads.alter_column(column, existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    """Take it back; a file that is no picture has 0 for what it does not have."""
    for column in _OF_A_PICTURE:
        op.execute(sa.text(f"UPDATE uploads SET {column} = 0 WHERE {column} IS NULL"))  # noqa: S608 - our own names
    with _altered_uploads() as uploads:
        for column in _OF_A_PICTURE:
            uploads.alter_column(column, existing_type=sa.Integer(), nullable=False)


@contextmanager
def _altered_uploads() -> Iterator[BatchOperations]:
    """Alter the table; on SQLite Alembic copies it, which loses its triggers."""
    bind = op.get_bind()
    triggers = []
    if bind.dialect.name == "sqlite":
        found = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'uploads'"
        triggers = list(bind.scalars(sa.text(found)))
    with op.batch_alter_table("uploads") as uploads:
        yield uploads
    for trigger in triggers:
        bind.exec_driver_sql(trigger)
