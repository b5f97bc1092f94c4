"""Fields that more than one resource has."""

from datetime import UTC, datetime
from typing import Any

from marshmallow_jsonapi import fields


class Timestamp(fields.DateTime):
    """A point in time as RFC 3339 writes it: UTC, to the microsecond, with `Z`."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **_: Any) -> Any:  # noqa: ANN401, ARG002 - marshmallow's signature
        if value is None:
            return None
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
