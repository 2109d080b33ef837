"""Disks to try the hall on: one that forgets at a power cut, and one that is small. Both need root."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hall.settings import HOUSE

MOUNT_SECONDS = 10
POLL_SECONDS = 0.02


class MountFailed(Exception):
    """The disk did not come up; the message is what it said."""


@dataclass
class ForgetfulDisk:
    """A disk on the files of `image`, seen at `mount`; see tests/trials/forgetful.py for what the deeds mean."""

    mount: Path
    image: Path
    process: subprocess.Popen[str]

    def cut_power(self, seed: str, share: float) -> None:
        """Take the power away: `image` then holds what is left, and every call of a program fails."""
        self._tell(f"cut {seed} {share}")

    def let_syncs_fail(self) -> None:
        """From now on nothing reaches the disk, and every sync says so."""
        self._tell("fail")

    def let_syncs_succeed(self) -> None:
        """From now on syncs do what they should."""
        self._tell("heal")

    def count_failed(self) -> int:
        """Return how many syncs have failed."""
        return int(self._say("failed"))

    def _tell(self, command: str) -> None:
        answer = self._say(command)
        if answer != "done":
            raise MountFailed(answer)

    def _say(self, command: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise MountFailed("the file system has ended")
        return answer


@contextmanager
def forgetful_disk(mount: Path, image: Path) -> Iterator[ForgetfulDisk]:
    """A disk that forgets, for the length of a block; MountFailed."""
    mount.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.trials.forgetful", str(mount), str(image)],
        cwd=HOUSE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _await_mount(mount, process)
        yield ForgetfulDisk(mount, image, process)
    finally:
        # After a power cut the disk does not even say that it is one.
        subprocess.run(["umount", "--lazy", mount], check=False)
        process.kill()
        process.communicate()


def _await_mount(mount: Path, process: subprocess.Popen[str]) -> None:
    for _ in range(int(MOUNT_SECONDS / POLL_SECONDS)):
        if os.path.ismount(mount):
            return
        try:
            process.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        break
    raise MountFailed("the file system did not come up (Debian: apt-get install fuse3; /dev/fuse and root are needed)")


@dataclass
class SmallDisk:
    """A disk in memory of so many bytes, at `mount`."""

    mount: Path

    def resize(self, size: int) -> None:
        """Make it larger or smaller while programs use it."""
        subprocess.run(["mount", "-o", f"remount,size={size}", self.mount], check=True)

    @property
    def free(self) -> int:
        """How many bytes can still be written."""
        found = os.statvfs(self.mount)
        return found.f_bavail * found.f_frsize


@contextmanager
def small_disk(mount: Path, size: int) -> Iterator[SmallDisk]:
    """A disk of `size` bytes for the length of a block."""
    mount.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", mount], check=True)
    try:
        yield SmallDisk(mount)
    finally:
        subprocess.run(["umount", "--lazy", mount], check=True)
