"""The words of new uploads are indexed in batches on SQLite, and no longer one by one."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_words"
down_revision = "20261129_revoked"
branch_labels = None
depends_on = None

# How many uploads are indexed together. Fewer pages a row are written with more of them (5.1 with
# 16, 4.9 with 32, 11.6 with one), and every search matches those that wait.
_BATCH = 16

# Numbers rise. What waits is numbered higher than all that is indexed, even if some of either is
# deleted: the next upload then has the number of the last one.
_INDEX_THOSE_THAT_WAIT = (
    "INSERT INTO upload_words (rowid, filename, alt) "
    "SELECT number, filename, alt FROM upload_numbers JOIN uploads ON id = upload_id "
    "WHERE number > (SELECT coalesce(max(rowid), 0) FROM upload_words)"
)
_IN_BATCHES = (
    "CREATE TRIGGER upload_words_insert AFTER INSERT ON uploads BEGIN "  # noqa: S608 - a number of our own
    "INSERT INTO upload_numbers (upload_id) VALUES (new.id); "
    f"{_INDEX_THOSE_THAT_WAIT} AND (SELECT max(number) FROM upload_numbers) % {_BATCH} = 0; END"
)
_ONE_BY_ONE = (
    "CREATE TRIGGER upload_words_insert AFTER INSERT ON uploads BEGIN "
    "INSERT INTO upload_numbers (upload_id) VALUES (new.id); "
    "INSERT INTO upload_words (rowid, filename, alt) "
    "SELECT number, new.filename, new.alt FROM upload_numbers WHERE upload_id = new.id; END"
)


def upgrade() -> None:
    """Apply the change; an older program finds the newest of a batch only when it is full."""
    if op.get_bind().dialect.name == "sqlite":
        _replace_trigger(_IN_BATCHES)


def downgrade() -> None:
    """Take it back."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(sa.text(_INDEX_THOSE_THAT_WAIT))
        _replace_trigger(_ONE_BY_ONE)


def _replace_trigger(statement: str) -> None:
    op.execute(sa.text("DROP TRIGGER upload_words_insert"))
    op.execute(sa.text(statement))
