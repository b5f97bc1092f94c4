"""Kill the server, and cut its power, again and again while clients send, replace and delete.

`python -m tests.faults.soak default` on SQLite and a folder, `… cloud` on PostgreSQL and S3; `make
soak` runs both. Ends with status 1 when anything that was acknowledged is not there. The first and
the last line name the seed: `--seed` with it repeats what is sent, and when the server fails.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

import click
import pytest

from tests.faults.cloud import Cloud
from tests.faults.deployment import Deployment
from tests.faults.power_cut import PowerCutDisk
from tests.schedule import faults, new_seed
from tests.traffic import Traffic

CLIENTS = 8
# How long a server lives, in seconds. The first answers take longer on PostgreSQL and S3.
LONGEST = {"default": 3.0, "cloud": 8.0}


@click.command()
@click.argument("stack", type=click.Choice(["default", "cloud"]))
@click.option("--times", default=300, show_default=True, type=click.IntRange(min=1))
@click.option("--minutes", default=30.0, show_default=True, help="The longest that it takes.")
@click.option("--seed", default=new_seed, type=int, help="That of a run to repeat.")
def main(stack: str, times: int, minutes: float, seed: int) -> None:
    """Kill a server on STACK, and cut its power, in turn; look for what was acknowledged."""
    name = f"{stack} --seed {seed}"
    click.echo(f"{name}: begins")
    until, done = time.monotonic() + minutes * 60, Counter[str]()
    with ExitStack() as parts:
        disk = parts.enter_context(disk_or_none())
        folder = disk.folder if disk else parts.enter_context(temporary_folder())
        deployment = parts.enter_context(deployed(stack, folder))
        server = deployment.server
        traffic = Traffic(server.address, server.token, CLIENTS, seed)
        with traffic:
            kinds = ["kill", "cut"] if disk else ["kill"]
            for fault in islice(faults(seed, kinds, LONGEST[stack]), times):
                if time.monotonic() > until or traffic.wrong:
                    break
                time.sleep(fault.after)
                if disk and fault.kind == "cut":
                    deployment.lose_power(disk)
                else:
                    deployment.kill()
                done[fault.kind] += 1
                traffic.address = deployment.server.address
        lost, problems = traffic.lost(), deployment.problems()
        before = len(deployment.orphans())
        deployment.sweep()
        after = len(deployment.orphans())
    click.echo(
        f"{name}: {done['kill']} kills, {done['cut']} power cuts, "
        f"{traffic.acknowledged} changes acknowledged ({traffic.done} answers), "
        f"{traffic.offsets} of them offsets of resumable uploads, "
        f"{len(lost)} lost, {len(problems)} problems found by verify; "
        f"{before} orphans before a sweep, {after} after it"
    )
    for each in (*traffic.wrong, *lost, *problems):
        click.echo(each, err=True)
    sys.exit(bool(traffic.wrong or lost or problems or after or done.total() < times))


@contextmanager
def disk_or_none() -> Iterator[PowerCutDisk | None]:
    """Make a disk whose power can be cut; None, and say why, where that is impossible."""
    with ExitStack() as parts:
        try:
            disk = parts.enter_context(PowerCutDisk())
        except pytest.skip.Exception as error:
            click.echo(f"kills only: {error}")
            yield None
        else:
            yield disk


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder that PostgreSQL's user can enter, too."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@contextmanager
def deployed(stack: str, folder: Path) -> Iterator[Deployment]:
    """Start a deployment on a stack, with everything in a folder."""
    own = folder / "deployment"
    own.mkdir()
    if stack == "cloud":
        with Cloud.started(folder) as cloud, cloud.deployed(own) as found:
            yield found
    else:
        found = Deployment(own, {})
        try:
            yield found
        finally:
            found.close()


if __name__ == "__main__":
    main()
