"""Parse the URL of an S3 storage: `s3://bucket/prefix?endpoint=…&region=…`."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

# "Bucket naming rules" of the Amazon S3 user guide.
_BUCKET = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# "Safe characters" in its "Object key naming guidelines", in segments.
_SEGMENT = r"[A-Za-z0-9!_*'()-][A-Za-z0-9!_.*'()-]*"
_PREFIX = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_ENDPOINT = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?")
_REGION = re.compile(r"[A-Za-z0-9-]{1,60}")

EXPECTED = "expected s3://bucket, s3://bucket/prefix, with ?endpoint=https://…&region=… if needed"


@dataclass(frozen=True, slots=True)
class S3Location:
    """A part of a bucket.

    Args:
        bucket: its name.
        prefix: of every key, without a slash at its end; empty for the whole bucket.
        endpoint: of a server that is not Amazon's; empty for Amazon's.
        region: empty for the environment's.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""


def parse_location(url: str) -> S3Location:
    """Parse a URL without credentials; the message of a ValueError repeats nothing of it."""
    try:
        parts = urlsplit(url)
        fields = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise ValueError(EXPECTED) from None
    options = dict(fields)
    prefix = parts.path.strip("/")
    is_valid = (
        parts.scheme == "s3"
        and _BUCKET.fullmatch(parts.netloc)
        and (not prefix or _PREFIX.fullmatch(prefix))
        and not parts.fragment
        and len(options) == len(fields)
        and options.keys() <= {"endpoint", "region"}
        and _ENDPOINT.fullmatch(options.get("endpoint", "https://x"))
        and _REGION.fullmatch(options.get("region", "x"))
    )
    if not is_valid:
        raise ValueError(EXPECTED)
    endpoint, region = (options.get(name, "") for name in ("endpoint", "region"))
    return S3Location(parts.netloc, prefix, endpoint.rstrip("/"), region)
