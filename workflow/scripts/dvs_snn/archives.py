"""ZIP archives of recordings and frames, as local files. Archives are untrusted."""

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from dvs_snn.atomic import replacing
from dvs_snn.errors import StudyError

MAX_MEMBERS = 2_000_000
MAX_MEMBER_BYTES = 2 * 1024**3
MAX_TOTAL_BYTES = 40 * 1024**3


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        zlib.error,
        RuntimeError,  # an encrypted member; NotImplementedError: a compression unknown here
    ) as error:
        raise StudyError(
            f"{path}: is not a whole ZIP archive ({error}); fetch it again."
        ) from error
    except FileNotFoundError as error:
        raise StudyError(f"{path}: no such file; put the archive there.") from error


def _checked_members(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_TOTAL_BYTES:
        raise StudyError(
            f"{path}: holds {len(members)} members of {sum(m.file_size for m in members)} bytes, "
            f"expected at most {MAX_MEMBERS} and {MAX_TOTAL_BYTES}; is this the right archive?"
        )
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        if name.is_absolute() or ".." in name.parts or ":" in member.filename or is_link:
            raise StudyError(
                f"{path}: member {member.filename!r} is a link or leads out of the archive's "
                "folder; this archive isn't safe to unpack."
            )
        if member.file_size > MAX_MEMBER_BYTES:
            raise StudyError(
                f"{path}: member {member.filename!r} unpacks to {member.file_size} bytes, "
                f"expected at most {MAX_MEMBER_BYTES}."
            )
    return members


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    # A header may understate what its member unpacks to: never write more than announced.
    with archive.open(member) as packed, open(target, "wb") as out:
        while chunk := packed.read(min(1 << 20, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise zipfile.BadZipFile(f"member {member.filename!r} is larger than announced")
            out.write(chunk)


def unpack_member(path: Path, name: str, target: Path) -> None:
    """Unpack the one member of `path` whose file name is `name`, whole or not at all.

    Raises:
        StudyError: no archive, damaged, unsafe, or no such member.
    """
    with _opened(path) as archive:
        found = [
            member
            for member in _checked_members(path, archive)
            if PurePosixPath(member.filename).name == name and "__MACOSX" not in member.filename
        ]
        if len(found) != 1:
            raise StudyError(f"{path}: holds {len(found)} members called {name!r}, expected one.")
        with replacing(target) as temporary:
            _extract(archive, found[0], temporary)


def unpack_frames(path: Path, folder: Path) -> Path:
    """Unpack the PNG frames of `train.zip` below `folder`; return the folder of digit folders.

    Raises:
        StudyError: no archive, damaged, unsafe, or without a folder per digit.
    """
    with _opened(path) as archive:
        for member in _checked_members(path, archive):
            name = PurePosixPath(member.filename)
            if member.is_dir() or "__MACOSX" in name.parts or name.suffix.lower() != ".png":
                continue
            _extract(archive, member, folder.joinpath(*name.parts))
    parents = {png.parent.parent for png in folder.rglob("*.png")}
    if len(parents) != 1:
        raise StudyError(
            f"{path}: its PNG frames lie below {len(parents)} folders, expected one folder that "
            "holds a folder per digit."
        )
    return parents.pop()


def unpack_members(
    path: Path, choose: Callable[[Sequence[str]], Mapping[str, str]], folder: Path
) -> int:
    """Unpack some members of `path` below `folder`; return how many.

    Args:
        choose: from the names of all members to those that are wanted: name -> path below `folder`.

    Raises:
        StudyError: no archive, damaged, unsafe, or `choose` finds no reason in its members.
    """
    with _opened(path) as archive:
        members = {
            member.filename: member
            for member in _checked_members(path, archive)
            if not member.is_dir() and "__MACOSX" not in PurePosixPath(member.filename).parts
        }
        chosen = choose(list(members))
        for name, place in chosen.items():
            _extract(archive, members[name], folder / place)
    return len(chosen)
