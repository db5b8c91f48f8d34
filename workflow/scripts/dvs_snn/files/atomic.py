"""Files that appear whole or not at all.

A file is the output of one job, so its temporary name may be fixed: what a killed run left is
written over.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside `path` for files that a job needs only while it makes `path`."""
    folder = path.with_name(f".part-{path.name}.scratch")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; move it there if the block succeeds.

    The temporary name keeps the suffix of `path`, since writers such as `numpy.savez` and
    matplotlib choose a format by it. If the block raises, nothing is left behind.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".part-{target.name}")
    try:
        yield temporary
        share(temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def share(path: Path) -> None:
    """Give a file the usual permissions: some writers make files that only their owner can read."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(path, 0o666 & ~mask)
