"""Files that appear whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _clear_stale(target: Path) -> str:
    """Delete temporary files that killed runs left beside `target`; return their prefix.

    A file is the output of one job, so no other run can be writing it.
    """
    prefix = f".part-{target.name}-"
    target.parent.mkdir(parents=True, exist_ok=True)
    for stale in target.parent.iterdir():
        if stale.name.startswith(prefix) and stale.is_dir():
            shutil.rmtree(stale)
        elif stale.name.startswith(prefix):
            stale.unlink(missing_ok=True)
    return prefix


@contextmanager
def scratch_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield an empty folder beside `path` for files that a job needs only while it makes `path`."""
    prefix = _clear_stale(Path(path).with_suffix(".scratch"))
    with tempfile.TemporaryDirectory(dir=Path(path).parent, prefix=prefix) as name:
        yield Path(name)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; move it there if the block succeeds.

    The temporary name keeps the suffix of `path`, since writers such as `numpy.savez` and
    matplotlib choose a format by it. If the block raises, nothing is left behind.
    """
    target = Path(path)
    prefix = _clear_stale(target)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=prefix, suffix=target.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        share(temporary)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def share(path: Path) -> None:
    """Let others read a file as they may any other.

    mkstemp makes files that only their owner may read, and so do some writers that replace them.
    """
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(path, 0o666 & ~mask)
