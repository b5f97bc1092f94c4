"""Owners and versions of uploads, an index of their words, and results that can be repeated."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_owners"
down_revision = "20261123_uploads"
branch_labels = None
depends_on = None

_ID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "users",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    with op.batch_alter_table("uploads") as uploads:
        uploads.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        uploads.add_column(sa.Column("owner_id", _ID, nullable=True))
        uploads.create_foreign_key("fk_uploads_owner_id_users", "users", ["owner_id"], ["id"])
        uploads.create_index("ix_uploads_owner_id_created_at_id", ["owner_id", "created_at", "id"])
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("attempt", _ID, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("location", sa.String(2000), nullable=True),
        sa.Column("entity_tag", sa.String(100), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_idempotency_keys"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_idempotency_keys_user_id_users"
        ),
    )
    op.create_index("ix_idempotency_keys_expires_at", "idempotency_keys", ["expires_at"])
    for statement in _CREATE_WORDS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Take it back."""
    for statement in _DROP_WORDS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))
    op.drop_table("idempotency_keys")
    with op.batch_alter_table("uploads") as uploads:
        uploads.drop_index("ix_uploads_owner_id_created_at_id")
        uploads.drop_constraint("fk_uploads_owner_id_users", type_="foreignkey")
        uploads.drop_column("owner_id")
        uploads.drop_column("version")
    op.drop_table("users")


# The same words on both engines: runs of letters and digits, without regard to case.
#
# SQLite: a full-text table that triggers keep up. `upload_numbers` gives each upload a number for
# it, because VACUUM may change the row numbers of a table whose key is not an integer. A migration
# that has Alembic copy `uploads` must make the triggers again.
#
# PostgreSQL: an index on an expression, which a query must repeat to the letter. Punctuation goes
# first, because its parser takes `talk.png` for the name of a host.
_CREATE_WORDS = {
    "sqlite": [
        (
            "CREATE TABLE upload_numbers (number INTEGER NOT NULL, upload_id VARCHAR(36) NOT NULL, "
            "CONSTRAINT pk_upload_numbers PRIMARY KEY (number), "
            "CONSTRAINT uq_upload_numbers_upload_id UNIQUE (upload_id))"
        ),
        "INSERT INTO upload_numbers (upload_id) SELECT id FROM uploads",
        (
            "CREATE VIRTUAL TABLE upload_words USING fts5"
            "(filename, alt, tokenize = "
            "'unicode61 remove_diacritics 0 categories ''L* Nd Co'''"
            ")"
        ),
        (
            "INSERT INTO upload_words (rowid, filename, alt) SELECT number, filename, alt "
            "FROM uploads JOIN upload_numbers ON upload_id = id"
        ),
        (
            "CREATE TRIGGER upload_words_insert AFTER INSERT ON uploads BEGIN "
            "INSERT INTO upload_numbers (upload_id) VALUES (new.id); "
            "INSERT INTO upload_words (rowid, filename, alt) "
            "SELECT number, new.filename, new.alt FROM upload_numbers WHERE upload_id = new.id; END"
        ),
        (
            "CREATE TRIGGER upload_words_update AFTER UPDATE OF filename, alt ON uploads BEGIN "
            "UPDATE upload_words SET filename = new.filename, alt = new.alt "
            "WHERE rowid = (SELECT number FROM upload_numbers WHERE upload_id = new.id); END"
        ),
        (
            "CREATE TRIGGER upload_words_delete AFTER DELETE ON uploads BEGIN "
            "DELETE FROM upload_words "
            "WHERE rowid = (SELECT number FROM upload_numbers WHERE upload_id = old.id); "
            "DELETE FROM upload_numbers WHERE upload_id = old.id; END"
        ),
    ],
    "postgresql": [
        (
            "CREATE INDEX ix_uploads_words ON uploads USING gin (to_tsvector('simple', "
            "regexp_replace(filename || ' ' || alt, '[^[:alnum:]]+', ' ', 'g')))"
        ),
    ],
}
_DROP_WORDS = {
    "sqlite": [
        "DROP TRIGGER upload_words_insert",
        "DROP TRIGGER upload_words_update",
        "DROP TRIGGER upload_words_delete",
        "DROP TABLE upload_words",
        "DROP TABLE upload_numbers",
    ],
    "postgresql": ["DROP INDEX ix_uploads_words"],
}
