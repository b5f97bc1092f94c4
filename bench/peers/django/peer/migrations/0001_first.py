"""Create the table."""

import uuid

from django.db import migrations, models

import peer.models


class Migration(migrations.Migration):
    """The migration that `makemigrations` writes."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "file",
                    models.ImageField(
                        height_field="height",
                        unique=True,
                        upload_to=peer.models.path_of,
                        width_field="width",
                    ),
                ),
                ("status", models.CharField(default="ready", max_length=16)),
                ("visibility", models.CharField(default="public", max_length=16)),
                ("filename", models.CharField(blank=True, max_length=120)),
                ("alt", models.TextField(blank=True, default="")),
                ("media_type", models.CharField(max_length=40)),
                ("size", models.BigIntegerField()),
                ("checksum", models.CharField(max_length=80)),
                ("width", models.IntegerField(null=True)),
                ("height", models.IntegerField(null=True)),
                ("frames", models.IntegerField(default=1)),
                ("expires_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ("-created_at", "id"),
                "indexes": [models.Index(fields=["-created_at", "id"], name="newest")],
            },
        ),
    )
