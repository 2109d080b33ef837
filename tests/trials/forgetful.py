"""A file system that forgets: `python -m tests.trials.forgetful MOUNT IMAGE`, told what to do on standard input.

It begins with the files of the folder IMAGE and holds them in memory. At a power cut all that was not synced may be
gone; what is left is written to IMAGE, and from then on every call fails. Commands, one a line, each answered by one:

    cut SEED SHARE   the power goes; each block not synced is on the disk with the probability SHARE (0 to 1)
    fail             from now on every sync fails, and what it should have kept is not tried again (as Linux does it:
                     the pages count as clean after the error)
    heal             syncs succeed again
    failed           how many syncs have failed

A file's name is kept by a sync of its folder, its blocks by a sync of the file (POSIX); folders are kept at once.
"""

import errno
import os
import random
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import mfusepy

BLOCK = 4096


@dataclass(eq=False)
class File:
    """The bytes as every process sees them, and as they are on the disk."""

    seen: bytearray = field(default_factory=bytearray)
    kept: bytearray = field(default_factory=bytearray)
    touched: set[int] = field(default_factory=set)

    def write(self, data: bytes, offset: int) -> None:
        """Change what is seen."""
        self.resize(max(len(self.seen), offset + len(data)))
        self.seen[offset : offset + len(data)] = data
        self.touched.update(range(offset // BLOCK, (offset + len(data) - 1) // BLOCK + 1))

    def resize(self, size: int) -> None:
        """Cut what is seen, or lengthen it with zeros."""
        del self.seen[size:]
        self.seen.extend(bytes(size - len(self.seen)))

    def sync(self) -> None:
        """Bring what is seen to the disk."""
        _resize(self.kept, len(self.seen))
        for block in self.touched:
            self._keep(block)
        self.touched.clear()

    def lose(self, chance: random.Random, share: float) -> None:
        """Let some blocks reach the disk of their own accord, as the kernel may at any time."""
        if len(self.seen) < len(self.kept) and chance.random() < share:
            _resize(self.kept, len(self.seen))
        for block in sorted(self.touched):
            if chance.random() < share and block * BLOCK < len(self.seen):
                _resize(self.kept, max(len(self.kept), min(len(self.seen), (block + 1) * BLOCK)))
                self._keep(block)

    def _keep(self, block: int) -> None:
        data = self.seen[block * BLOCK : (block + 1) * BLOCK]
        self.kept[block * BLOCK : block * BLOCK + len(data)] = data


def _resize(data: bytearray, size: int) -> None:
    del data[size:]
    data.extend(bytes(size - len(data)))


class ForgetfulFiles(mfusepy.Operations):  # type: ignore[misc]  # no types where it is not installed
    """The calls of the kernel, and the commands."""

    use_ns = True

    def __init__(self, image: Path) -> None:
        self.image = image
        self.at_work = threading.RLock()
        self.is_dead = False
        self.syncs_fail = False
        self.failed = 0
        self.folders = {"/"} | {_inner(path, image) for path in image.rglob("*") if path.is_dir()}
        self.names: dict[str, File] = {}
        for path in image.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                self.names[_inner(path, image)] = File(bytearray(data), bytearray(data))
        self.kept_names = dict(self.names)
        self.opened: dict[int, File] = {}

    # Commands

    def cut(self, seed: str, share: float) -> None:
        """Let the power go."""
        with self.at_work:
            self.is_dead = True
            chance = random.Random(seed)
            for path in sorted(path for path in self.names | self.kept_names if self._is_pending(path)):
                if chance.random() < share:
                    self._keep_name(path)
            for old in self.image.rglob("*"):
                if old.is_file():
                    old.unlink()
            for path, file in self.kept_names.items():
                file.lose(chance, share)
                place = self.image / path[1:]
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(file.kept)

    def obey(self, command: str, *words: str) -> str:
        """Do a command and return the answer."""
        if command == "cut":
            self.cut(words[0], float(words[1]))
        elif command in ("fail", "heal"):
            with self.at_work:
                self.syncs_fail = command == "fail"
        elif command == "failed":
            return str(self.failed)
        else:
            return "unknown"
        return "done"

    # Calls

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        with self._power():
            if path in self.folders:
                return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
            file = self.opened[fh] if fh in self.opened else self._file(path)
            return {"st_mode": stat.S_IFREG | 0o644, "st_nlink": 1, "st_size": len(file.seen)}

    def readdir(self, path: str, fh: int) -> Iterator[str]:
        with self._power():
            yield from (".", "..")
            yield from (name.rpartition("/")[2] for name in self._inside(path, [*self.names, *self.folders]))

    def mkdir(self, path: str, mode: int) -> int:
        with self._power():
            self.folders.add(path)
        return 0

    def create(self, path: str, mode: int, fi: object = None) -> int:
        with self._power():
            self.names[path] = File()
        return self.open(path, 0)

    def open(self, path: str, flags: int) -> int:
        with self._power():
            handle = max(self.opened, default=0) + 1
            self.opened[handle] = self._file(path)
            return handle

    def release(self, path: str, fh: int) -> int:
        with self.at_work:
            self.opened.pop(fh, None)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        with self._power():
            return bytes(self.opened[fh].seen[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        with self._power():
            self.opened[fh].write(data, offset)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        with self._power():
            file = self.opened[fh] if fh in self.opened else self._file(path)
            file.resize(length)
        return 0

    def rename(self, old: str, new: str) -> int:
        with self._power():
            self.names[new] = self.names.pop(old)
        return 0

    def unlink(self, path: str) -> int:
        with self._power():
            self._file(path)
            del self.names[path]
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        with self._power():
            file = self.opened[fh]
            if self.syncs_fail:
                file.touched.clear()
                self._fail()
            file.sync()
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        with self._power():
            if self.syncs_fail:
                self._fail()
            for name in self._inside(path, [*self.names, *self.kept_names]):
                self._keep_name(name)
        return 0

    def chmod(self, path: str, mode: int) -> int:
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        return 0

    def utimens(self, path: str, times: object = None) -> int:
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        return {"f_bsize": BLOCK, "f_frsize": BLOCK, "f_blocks": 2**20, "f_bfree": 2**20, "f_bavail": 2**20}

    @contextmanager
    def _power(self) -> Iterator[None]:
        with self.at_work:
            if self.is_dead:
                raise mfusepy.FuseOSError(errno.EIO)
            yield

    def _file(self, path: str) -> File:
        if path not in self.names:
            raise mfusepy.FuseOSError(errno.ENOENT)
        return self.names[path]

    def _inside(self, folder: str, paths: list[str]) -> list[str]:
        return [path for path in paths if path != folder and os.path.dirname(path) == folder]  # noqa: PTH120

    def _is_pending(self, path: str) -> bool:
        return self.names.get(path) is not self.kept_names.get(path)

    def _keep_name(self, path: str) -> None:
        if path in self.names:
            self.kept_names[path] = self.names[path]
        else:
            self.kept_names.pop(path, None)

    def _fail(self) -> None:
        self.failed += 1
        raise mfusepy.FuseOSError(errno.EIO)


def _inner(path: Path, image: Path) -> str:
    return "/" + str(path.relative_to(image))


def main(mount: str, image: str) -> None:
    """Be the file system at `mount` until it is unmounted."""
    files = ForgetfulFiles(Path(image))

    def listen() -> None:
        for line in sys.stdin:
            try:
                answer = files.obey(*line.split())
            except Exception as error:
                answer = f"{type(error).__name__}: {error}"
            sys.stdout.write(answer + "\n")
            sys.stdout.flush()

    threading.Thread(target=listen, daemon=True).start()
    mfusepy.FUSE(files, mount, foreground=True, nothreads=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
