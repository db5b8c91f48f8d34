"""ZIP archives from elsewhere: every member is checked before the first is unpacked."""

import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import StudyError, reason_of

MAX_TOTAL_BYTES = 40 * 2**30
MAX_RATIO = 200
"""Most bytes that a byte may unpack to, in archives that unpack to more than `FREE_BYTES`. Event
recordings reach about 5; deflate allows 1,032."""
FREE_BYTES = 2**20

# What zipfile unpacks otherwise may fill the memory with a few packed bytes.
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def unpack_chosen(
    path: Path, choose: Callable[[Sequence[str]], Mapping[str, str]], folder: Path
) -> list[Path]:
    """Unpack the files of an archive that `choose` chooses, below `folder`; return where they are.

    Files unpacked before a fault stay, so give a scratch folder.

    Args:
        choose: takes the names of all files but what macOS adds; returns name -> path below
            `folder` of the wanted ones.

    Raises:
        StudyError: no archive, damaged, encrypted, unsafe, or `choose` finds fault with the names.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            files = _checked_files(path, archive)
            targets = {name: folder / place for name, place in choose(list(files)).items()}
            for name, target in targets.items():
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(files[name]) as packed, open(target, "wb") as out:
                    shutil.copyfileobj(packed, out)
    except StudyError:
        raise
    except FileNotFoundError as error:
        raise StudyError(f"{path}: no such file; put the archive there.") from error
    except Exception as error:  # zipfile, zlib and struct raise nearly anything on damaged bytes
        raise StudyError(
            f"{path}: can't be unpacked ({reason_of(error)}), expected a whole ZIP archive without "
            "a password, and a disk with room; fetch it again, or make room."
        ) from error
    return list(targets.values())


def unpack_member(path: Path, name: str, target: Path) -> None:
    """Unpack the one file of `path` whose last name is `name`, whole or not at all."""
    with replacing(target) as temporary:

        def choose(names: Sequence[str]) -> dict[str, str]:
            found = [member for member in names if PurePosixPath(member).name == name]
            if (n := len(found)) != 1:
                raise StudyError(f"{path}: holds {n} members called {name!r}, expected one.")
            return {found[0]: temporary.name}

        unpack_chosen(path, choose, temporary.parent)


def _checked_files(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Check all members; return the files by name, but not what macOS adds."""
    members = archive.infolist()
    files = {}
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if not name.parts or name.is_absolute() or ".." in name.parts:
            raise StudyError(
                f"{path}: member {member.filename[:80]!a} leads out of the archive's folder; "
                "this archive isn't safe to unpack."
            )
        if member.compress_type not in _COMPRESSIONS:
            raise StudyError(
                f"{path}: member {member.filename[:80]!a} is packed by method "
                f"{member.compress_type}, expected 0 (stored) or 8 (deflated); pack it again."
            )
        if not member.is_dir() and "__MACOSX" not in name.parts:
            files[str(name)] = member
    total = sum(member.file_size for member in members)
    limit = min(MAX_TOTAL_BYTES, max(FREE_BYTES, MAX_RATIO * path.stat().st_size))
    if total > limit:
        raise StudyError(
            f"{path}: unpacks to {total} bytes, expected at most {limit}; this archive isn't safe "
            "to unpack."
        )
    return files
