"""Kill the server again and again while clients create, replace, read and delete.

`python -m tests.faults.soak default` on SQLite and a folder, `… cloud` on PostgreSQL and S3; `make
soak` runs both. Ends with status 1 when anything that was acknowledged is not there. The first and
the last line name the seed: `--seed` with it repeats what is sent, and when the server is killed.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

import click

from tests.faults.deployment import Deployment
from tests.postgres import PostgresServer
from tests.s3 import S3Server
from tests.schedule import faults, new_seed
from tests.stacks import S3Part
from tests.traffic import Traffic

CLIENTS = 8


@click.command()
@click.argument("stack", type=click.Choice(["default", "cloud"]))
@click.option("--kills", default=300, show_default=True, type=click.IntRange(min=1))
@click.option("--minutes", default=30.0, show_default=True, help="The longest that it takes.")
@click.option("--seed", default=new_seed, type=int, help="That of a run to repeat.")
def main(stack: str, kills: int, minutes: float, seed: int) -> None:
    """Kill a server on STACK, then look for what was acknowledged."""
    name = f"{stack} --seed {seed}"
    click.echo(f"{name}: begins")
    until, done = time.monotonic() + minutes * 60, 0
    with deployed(stack) as deployment:
        server = deployment.server
        traffic = Traffic(server.address, server.token, CLIENTS, seed)
        with traffic:
            for fault in islice(faults(seed, ["kill"]), kills):
                if time.monotonic() > until or traffic.wrong:
                    break
                time.sleep(fault.after)
                deployment.kill()
                done += 1
                traffic.address = deployment.server.address
        lost, problems = traffic.lost(), deployment.problems()
        before = len(deployment.orphans())
        deployment.sweep()
        after = len(deployment.orphans())
    click.echo(
        f"{name}: {done} kills, {traffic.acknowledged} changes acknowledged "
        f"({traffic.done} answers), {len(lost)} lost, {len(problems)} problems found by verify; "
        f"{before} orphans before a sweep, {after} after it"
    )
    for each in (*traffic.wrong, *lost, *problems):
        click.echo(each, err=True)
    sys.exit(bool(traffic.wrong or lost or problems or after or done < kills))


@contextmanager
def deployed(stack: str) -> Iterator[Deployment]:
    """Start a deployment on a stack."""
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        settings: dict[str, object] = {}
        if stack == "cloud":
            postgres, s3 = PostgresServer(), S3Server(folder / "s3")
            parts.callback(postgres.remove)
            parts.callback(s3.stop)
            settings = {"database_url": postgres.create("soak")}
            settings |= parts.enter_context(S3Part(s3).settings_of("soak"))
        deployment = Deployment(folder, settings)
        parts.callback(deployment.close)
        yield deployment


if __name__ == "__main__":
    main()
