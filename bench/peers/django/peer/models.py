"""The row, with the columns of the product's uploads."""

import uuid
from pathlib import PurePath

from django.db import models


def path_of(_: "Upload", name: str) -> str:
    """Return a new name in one of 256 folders."""
    key = uuid.uuid4()
    return f"{str(key)[:2]}/{key}{PurePath(name).suffix}"


class Upload(models.Model):
    """An image and its facts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ImageField(
        upload_to=path_of, width_field="width", height_field="height", unique=True
    )
    status = models.CharField(max_length=16, default="ready")
    visibility = models.CharField(max_length=16, default="public")
    filename = models.CharField(max_length=120, blank=True)
    alt = models.TextField(blank=True, default="")
    media_type = models.CharField(max_length=40)
    size = models.BigIntegerField()
    checksum = models.CharField(max_length=80)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    frames = models.IntegerField(default=1)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """The order: the newest first, by an index."""

        ordering = ("-created_at", "id")
        indexes = (models.Index(fields=["-created_at", "id"], name="newest"),)

    def __str__(self) -> str:
        """Return the file name."""
        return self.filename
