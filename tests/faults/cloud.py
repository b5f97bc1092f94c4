"""Start a deployment on a PostgreSQL and an S3 server of its own, which keep their data."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.faults.deployment import Deployment
from tests.postgres import PostgresServer
from tests.s3 import S3Server
from tests.stacks import s3_credentials


@contextmanager
def deployed_in_the_cloud(own: Path, folder: Path) -> Iterator[Deployment]:
    """Start a deployment.

    Args:
        own: an empty folder for its own files.
        folder: for the data of PostgreSQL and of S3.
    """
    with ExitStack() as parts:
        parts.enter_context(s3_credentials())
        postgres = PostgresServer(durable=True, folder=folder / "postgres")
        parts.callback(postgres.remove)
        s3 = S3Server(folder / "s3", durable=True)
        parts.callback(s3.stop)
        settings = {"database_url": postgres.create("uploads"), "storage_url": s3.url("uploads")}
        deployment = Deployment(own, settings, parts=[postgres, s3])
        parts.callback(deployment.close)
        yield deployment
