"""Where numba keeps the compiled kernels: one folder for all jobs, named by the package's sources.

numba compiles anew where a kernel's own file has changed, but doesn't see an edit in another file
that the kernel calls or takes a constant from. The folder is therefore named by a hash of all the
package's sources. Called before a kernel is defined; numba asks for the folder at that moment.
"""

import atexit
import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

import numba

_PREFIX = "dvs_snn-"
_VARIABLE = "NUMBA_CACHE_DIR"
# More than a kernel takes.
_PROBE_BYTES = 2**20
FOLDERS_KEPT = 4
DAYS_KEPT = 7


def sources_digest(package: Path) -> str:
    """Return a short hash of the names and contents of a package's Python files."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _parents() -> list[Path]:
    """Return the folders to try, best first: the user's own of numba, then the user's caches."""
    parents = []
    if own := os.environ.get(_VARIABLE):
        # A process that another job started inherits the folder that was chosen there.
        path = Path(own)
        parents.append(path.parent if path.name.startswith(_PREFIX) else path)
    # The standard says that a relative XDG_CACHE_HOME is to be ignored.
    caches = os.environ.get("XDG_CACHE_HOME", "")
    try:
        home = Path(caches) if os.path.isabs(caches) else Path.home() / ".cache"
        parents.append(home / "dvs_snn" / "numba")
    except RuntimeError:  # no home folder
        pass
    return parents


def _is_writable(folder: Path) -> bool:
    """Create a folder where there is none and say whether files can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            # A quota that is used up lets files be made, but nothing be written into them; some
            # file systems say so at the end only.
            probe.write(bytes(_PROBE_BYTES))
            probe.flush()
            os.fsync(probe.fileno())
        # When it was last used; another user's folder can be written into but not stamped.
        os.utime(folder)
    except OSError:
        return False
    return True


def _remove_stale(parent: Path, current: Path) -> None:
    """Remove folders of other sources, but for the newest few and those used in the last week.

    Jobs of another checkout may be running on theirs. What another process removes first, or
    doesn't let go, is passed over.
    """
    used = []
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            used.append((folder.stat().st_mtime, folder))
        except OSError:
            continue
    used.sort(reverse=True)
    oldest = time.time() - DAYS_KEPT * 86400
    for last_used, folder in used[FOLDERS_KEPT:]:
        if folder != current and last_used < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _choose(package: Path) -> Path | None:
    name = _PREFIX + sources_digest(package)
    for parent in _parents():
        folder = parent / name
        if _is_writable(folder):
            _remove_stale(parent, folder)
            return folder
    try:
        # Nothing is shared then, but nothing is out of date either. A fixed name in a folder that
        # all users write to would let another one place code there.
        parent = Path(tempfile.mkdtemp(prefix="kernels-"))
    except OSError:
        return None
    atexit.register(shutil.rmtree, parent, ignore_errors=True)
    return parent / name


_chosen: list[Path | None] = []


def use_kernel_cache() -> Path | None:
    """Let numba keep what it compiles in the folder of these sources; return the folder.

    The parent is the user's own `NUMBA_CACHE_DIR`, or `dvs_snn/numba` in `XDG_CACHE_HOME`, or that
    in `~/.cache`. Where none can be written to, the folder is temporary and the kernels are
    compiled once per process. The first call of a process decides.

    Returns:
        The folder; None where nothing at all can be written, and numba is left to itself.
    """
    if not _chosen:
        _chosen.append(_choose(Path(__file__).parent))
    folder = _chosen[0]
    if folder is not None:
        # Both: numba reads the variable again whenever the environment has changed.
        os.environ[_VARIABLE] = str(folder)
        numba.config.CACHE_DIR = str(folder)
    return folder
