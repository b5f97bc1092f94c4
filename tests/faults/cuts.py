"""Cut the power of a deployment, and check what is there afterwards."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.copied import CopiedDeployment
from tests.faults.deployment import Deployment
from tests.faults.operations import Acknowledged, Attempt, Operation, assert_sound, upload
from tests.faults.power_cut import PowerCutDisk


class Cuts:
    """Power cuts of a deployment, which has one upload at least.

    Args:
        deployment: on the disk.
        disk: whose power is cut.
        folder: for the deployments that are examined.

    Attributes:
        witness: an upload that nothing changes.
    """

    def __init__(self, deployment: Deployment, disk: PowerCutDisk, folder: Path) -> None:
        self.witness = upload(deployment)
        self._copies = 0
        self._deployment = deployment
        self._disk = disk
        self._folder = folder

    @contextmanager
    def deployed(self, copy: Path) -> Iterator[CopiedDeployment]:
        """Deploy what is on a copy of the disk."""
        self._copies += 1
        folder = self._folder / f"copy-{self._copies}"
        folder.mkdir()
        copied = CopiedDeployment(folder, self._deployment, self._disk.folder, copy)
        try:
            yield copied
        finally:
            copied.close()

    def check(self, attempt: Attempt, answer: int | None) -> None:
        """Cut the power, and check what is there against the answer that an operation had."""
        with self._disk.cut() as copy, self.deployed(copy) as copied:
            attempt.check(copied, answer)
            assert_sound(copied, self.witness)

    def lose(self, there: Acknowledged) -> bool:
        """Cut the power, and return whether an upload is lost."""
        with self._disk.cut() as copy, self.deployed(copy) as copied:
            return copied.request("GET", there.path) != (200, there.content)

    def check_at_every_step(self, operation: Operation, stride: int = 1) -> set[str]:
        """Cut the power at each step of an operation, or each `stride`, and when it is over.

        Returns:
            The names of all its steps.
        """
        attempt, answers, step = operation(self._deployment), list[int | None](), 1
        with self._deployment.armed("1 pause"):
            acting = threading.Thread(target=lambda: answers.append(attempt.act()))
            acting.start()
            while self._is_paused(step, acting):
                self.check(attempt, None)
                step += stride
                self._deployment.arm(f"{step} pause")
            acting.join()
        assert answers == [attempt.succeeds]
        self.check(attempt, attempt.succeeds)
        # What it leaves behind is put right for the next operation.
        attempt.check(self._deployment, attempt.succeeds)
        return set(self._deployment.passed())

    def _is_paused(self, step: int, acting: threading.Thread) -> bool:
        """Wait for a step; False where the operation ends without it."""
        while len(self._deployment.passed()) < step:
            if not acting.is_alive():
                return False
            time.sleep(0.005)
        return True
