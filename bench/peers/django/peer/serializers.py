"""Serialize uploads."""

import hashlib
from typing import Any

from drf_extra_fields.fields import Base64ImageField
from rest_framework_json_api import serializers

from peer.models import Upload

_WRITABLE = ("data", "filename", "alt", "visibility", "expires_at")


class UploadSerializer(serializers.HyperlinkedModelSerializer):
    """An upload, which takes its file as a data URI and returns its address."""

    data = Base64ImageField(source="file", write_only=True)
    url = serializers.FileField(source="file", read_only=True)

    class Meta:
        """The attributes: everything but the key."""

        model = Upload
        fields = (
            "self", "data", "url", "status", "visibility", "filename", "alt", "media_type", "size",
            "checksum", "width", "height", "frames", "expires_at", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = tuple(set(fields) - {"self", "url", *_WRITABLE})
        extra_kwargs = {"self": {"view_name": "uploads-detail"}}  # noqa: RUF012 - as Django has it

    def create(self, validated_data: dict[str, Any]) -> Upload:
        """Add the size, checksum and media type of the bytes."""
        file = validated_data["file"]
        content = file.read()
        file.seek(0)
        return super().create(
            {
                **validated_data,
                "size": len(content),
                "checksum": f"sha256:{hashlib.sha256(content).hexdigest()}",
                "media_type": file.image.get_format_mimetype(),
            }
        )
