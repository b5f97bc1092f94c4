"""Make a boto3 client for an S3 server."""

from typing import Any

from boto3.session import Session
from botocore.config import Config

from open_event_uploads.storage.s3_location import S3Location

# A server that cannot be reached is given up after less than ten seconds, pauses included.
_CONFIG = Config(
    signature_version="s3v4",
    connect_timeout=2,
    read_timeout=10,
    # Three attempts at most, with random pauses that grow.
    retries={"mode": "standard", "total_max_attempts": 3},
    # A connection for each thread of a worker, or of a command.
    max_pool_connections=80,
    # Some servers refuse the newer checksums; all understand MD5.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


def connect(location: S3Location) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
    """Make a client; boto3 finds the credentials where it usually does."""
    # Servers that are not Amazon's have no host name for each bucket.
    style = {"addressing_style": "path" if location.endpoint else "auto"}
    session = Session()
    return session.client(
        "s3",
        endpoint_url=location.endpoint or None,
        region_name=location.region or session.region_name or "us-east-1",
        config=_CONFIG.merge(Config(s3=style)),
    )
