"""Named sizes, what a frontend shows while an image loads, and the checksum of what was sent."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "20261123_variants"
down_revision = "20261123_owners"
branch_labels = None
depends_on = None

_ID = sa.String(36).with_variant(sa.Uuid(as_uuid=False), "postgresql")


def upgrade() -> None:
    """Apply the change."""
    presets = op.create_table(
        "presets",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("fit", sa.String(10), nullable=False),
        sa.Column("focal_x", sa.Float(), nullable=False),
        sa.Column("focal_y", sa.Float(), nullable=False),
        sa.Column("encoding", sa.String(10), nullable=False),
        sa.Column("quality", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_presets"),
        sa.UniqueConstraint("name", name="uq_presets_name"),
    )
    op.bulk_insert(presets, [_preset(*each) for each in _SEED])
    # Added one by one and not by copying the table: that would lose its triggers on SQLite.
    op.add_column(
        "uploads",
        sa.Column("received_checksum", sa.String(71), nullable=False, server_default=""),
    )
    op.add_column("uploads", sa.Column("placeholder", sa.String(60), nullable=True))
    op.add_column("uploads", sa.Column("color", sa.String(7), nullable=True))
    op.execute(sa.text("UPDATE uploads SET received_checksum = checksum"))


def downgrade() -> None:
    """Take it back."""
    for column in ("color", "placeholder", "received_checksum"):
        op.drop_column("uploads", column)
    op.drop_table("presets")


# The sizes of the Open Event Server: pictures keep their aspect, speakers' portraits are square.
_SEED = (
    ("large", 1300, None, "inside"),
    ("thumbnail", 500, None, "inside"),
    ("icon", 75, None, "inside"),
    ("small", 50, 50, "cover"),
    ("icon-square", 35, 35, "cover"),
    ("thumbnail-square", 500, 500, "cover"),
)


def _preset(name: str, width: int, height: int | None, fit: str) -> dict[str, object]:
    return {
        "id": str(uuid.uuid4()),
        "name": name,
        "width": width,
        "height": height,
        "fit": fit,
        "focal_x": 0.5,
        "focal_y": 0.5,
        "encoding": "webp",
        "quality": 80,
    }
