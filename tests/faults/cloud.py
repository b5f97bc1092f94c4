"""Start deployments on a PostgreSQL and an S3 server that keep their data when the power is cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.deployment import Deployment
from tests.postgres import PostgresServer, database_name
from tests.s3 import S3Server
from tests.stacks import s3_credentials


class Cloud:
    """The two servers.

    Args:
        folder: for their data.
    """

    def __init__(self, folder: Path) -> None:
        self.postgres = PostgresServer(durable=True, folder=folder / "postgres")
        try:
            self.s3 = S3Server(folder / "s3", durable=True)
        except BaseException:
            self.postgres.remove()
            raise

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator["Cloud"]:
        """Start them, with credentials of S3 in the environment, and stop them afterwards."""
        with s3_credentials():
            cloud = cls(folder)
            try:
                yield cloud
            finally:
                cloud.s3.stop()
                cloud.postgres.remove()

    @contextmanager
    def deployed(self, own: Path, **settings: object) -> Iterator[Deployment]:
        """Deploy on an empty database and an empty part of the bucket.

        Args:
            own: an empty folder for its own files.
            settings: instead of those.
        """
        ours: dict[str, object] = {"storage_url": self.s3.url()}
        if "database_url" not in settings:
            ours["database_url"] = self.postgres.create(database_name(own.name))
        deployment = Deployment(own, ours | settings, parts=[self.postgres, self.s3])
        try:
            yield deployment
        finally:
            deployment.close()
