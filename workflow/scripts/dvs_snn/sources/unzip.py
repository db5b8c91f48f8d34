"""ZIP archives from elsewhere: every member checked before the first is unpacked.

An archive is untrusted. This module checks all members, wanted or not, since one false member casts
doubt on the others. It refuses names that lead out of the folder or that a file system may confuse,
links, devices, encryption, compressions other than deflate, and members that share bytes. It limits
the unpacked size of each member, of all together, and against the archive's size.
"""

import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from dvs_snn.files.errors import CONTROL, StudyError, reason_of
from dvs_snn.files.zipped import refuse_long_directory

MAX_MEMBERS = 250_000
"""The tutorial's train.zip has 192,995 frames."""
MAX_DIRECTORY_BYTES = 64 * 2**20
"""Largest directory of members: it is read into memory whole."""
MAX_MEMBER_BYTES = 2 * 2**30
MAX_TOTAL_BYTES = 40 * 2**30
MAX_RATIO = 200
"""Most bytes that a byte may unpack to, in members and archives that unpack to more than
`FREE_BYTES`. Event recordings reach about 5; deflate allows 1,032."""
FREE_BYTES = 2**20

_MAX_PART_BYTES = 240  # file systems take 255; a temporary name is a little longer
_MAX_DEPTH = 16
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_LOCAL_HEADER_BYTES = 30


def unpack_chosen(
    path: Path,
    choose: Callable[[Sequence[str]], Mapping[str, str]],
    folder: Path,
    max_bytes: int = MAX_MEMBER_BYTES,
) -> list[Path]:
    """Unpack the files of an archive that `choose` chooses, below `folder`; return where they are.

    One chunk is in memory at a time; each file appears whole or not at all. Files unpacked before a
    fault stay, so give a folder of your own, such as `atomic.scratch_folder`.

    Args:
        choose: takes the names of all files, in the archive's order and without what macOS adds;
            returns the wanted ones: name -> path below `folder`.
        max_bytes: largest file among them, unpacked.

    Raises:
        StudyError: no archive, damaged, unsafe, a chosen file is larger than `max_bytes`, or
            `choose` finds fault with the names.
    """
    with _opened(path) as archive:
        files = _checked_files(path, archive)
        targets = {name: folder / place for name, place in choose(list(files)).items()}
        for name in targets:
            _refuse_large(path, files[name], max_bytes)
        for name, target in targets.items():
            _unpack(archive, files[name], target)
    return list(targets.values())


def unpack_member(path: Path, name: str, target: Path) -> None:
    """Unpack the one file of `path` whose last name is `name`, whole or not at all.

    Raises:
        StudyError: no archive, damaged, unsafe, or no such member.
    """

    def choose(names: Sequence[str]) -> dict[str, str]:
        found = [member for member in names if PurePosixPath(member).name == name]
        if len(found) != 1:
            raise StudyError(f"{path}: holds {len(found)} members called {name!r}, expected one.")
        return {found[0]: target.name}

    unpack_chosen(path, choose, target.parent)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise StudyError(f"{path}: is not a file, expected a ZIP archive.")
        with open(path, "rb") as stream:
            refuse_long_directory(path, stream, MAX_MEMBERS, MAX_DIRECTORY_BYTES)
            with zipfile.ZipFile(stream) as archive:
                yield archive
    except StudyError:
        raise
    except FileNotFoundError as error:
        raise StudyError(f"{path}: no such file; put the archive there.") from error
    except OSError as error:
        # A damaged directory sends zipfile to an impossible place: an errno without a file name.
        raise StudyError(
            f"{path}: can't be unpacked ({error.strerror or error}); see that it is a whole ZIP "
            "archive, that there is space, and that both folders may be written to."
        ) from error
    except Exception as error:  # zipfile, zlib and struct raise nearly anything on damaged bytes
        raise StudyError(
            f"{path}: is not a whole ZIP archive ({reason_of(error)}); fetch it again."
        ) from error


def _checked_files(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Check all members; return the files by name, but not what macOS adds."""
    members = archive.infolist()
    named = [(_safe_name(path, member), member) for member in members]
    for member in members:
        _refuse_kind(path, member)
        _refuse_large(path, member, MAX_MEMBER_BYTES)
    _refuse_totals(path, archive)
    files = [(name, member) for name, member in named if not member.is_dir()]
    _refuse_collisions(path, [name for name, _ in files])
    return {str(name): member for name, member in files if "__MACOSX" not in name.parts}


_UNSAFE = "this archive isn't safe to unpack"


def _wrong(path: Path, member: zipfile.ZipInfo, what: str, then: str = _UNSAFE) -> StudyError:
    return StudyError(f"{path}: member {_quoted(member.orig_filename)} {what}; {then}.")


def _quoted(name: str) -> str:
    return ascii(name if len(name) <= 80 else f"{name[:77]}...")


def _safe_name(path: Path, member: zipfile.ZipInfo) -> PurePosixPath:
    # zipfile cuts `filename` at a NUL; `orig_filename` is what the archive says.
    said = member.orig_filename
    name = PurePosixPath(said.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in said:
        raise _wrong(path, member, "leads out of the archive's folder")
    if CONTROL.search(said):
        raise _wrong(path, member, "has control characters in its name")
    parts = [len(part.encode()) for part in name.parts]
    if not 0 < len(parts) <= _MAX_DEPTH or max(parts) > _MAX_PART_BYTES:
        found = f"has a name of {len(parts)} parts and {sum(parts)} bytes"
        fit = f"1 to {_MAX_DEPTH} parts of at most {_MAX_PART_BYTES} bytes"
        raise _wrong(path, member, f"{found}, expected {fit}")
    return name


def _refuse_kind(path: Path, member: zipfile.ZipInfo) -> None:
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _wrong(path, member, "is a link or a device")
    if member.flag_bits & _ENCRYPTED:
        remedy = "pack them again without a password"
        raise _wrong(path, member, "is encrypted, expected plain files", remedy)
    if member.compress_type not in _COMPRESSIONS:
        method = f"is packed by method {member.compress_type}"
        raise _wrong(
            path, member, f"{method}, expected 0 (stored) or 8 (deflated)", "pack it again"
        )


def _refuse_large(path: Path, member: zipfile.ZipInfo, max_bytes: int) -> None:
    size, packed = member.file_size, member.compress_size
    if size > max_bytes:
        what = f"unpacks to {size} bytes, expected at most {max_bytes}"
        raise _wrong(path, member, what, "this isn't the archive that is meant")
    if size > max(FREE_BYTES, MAX_RATIO * packed):
        what = f"unpacks from {packed} to {size} bytes, expected at most {MAX_RATIO} times as many"
        raise _wrong(path, member, what)


def _refuse_totals(path: Path, archive: zipfile.ZipFile) -> None:
    """Raise if the members are too many or too large together, or if they share bytes."""
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    # For many small members the archive's directory counts among its packed bytes.
    limit = min(MAX_TOTAL_BYTES, max(FREE_BYTES, MAX_RATIO * path.stat().st_size))
    if len(members) > MAX_MEMBERS or total > limit:
        raise StudyError(
            f"{path}: holds {len(members)} members of {total} bytes, expected at most "
            f"{MAX_MEMBERS} of {limit} bytes; {_UNSAFE}."
        )
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise _wrong(path, member, "shares bytes with another member")
        end = member.header_offset + _LOCAL_HEADER_BYTES + member.compress_size
    if end > archive.start_dir:
        raise zipfile.BadZipFile("a member reaches beyond the archive's files")


def _refuse_collisions(path: Path, names: list[PurePosixPath]) -> None:
    """Raise if a file system that ignores case or Unicode forms takes two files for one."""
    seen: dict[str, PurePosixPath] = {}
    folders: dict[str, PurePosixPath] = {}
    for name in names:
        key = unicodedata.normalize("NFKC", str(name)).casefold()
        if key in seen:
            raise StudyError(
                f"{path}: members {_quoted(str(seen[key]))} and {_quoted(str(name))} are one file "
                f"where case and Unicode forms don't count, expected names that differ; {_UNSAFE}."
            )
        seen[key] = name
        folder = key.rpartition("/")[0]
        while folder and folder not in folders:
            folders[folder] = name
            folder = folder.rpartition("/")[0]
    for key in seen.keys() & folders.keys():
        raise StudyError(
            f"{path}: member {_quoted(str(seen[key]))} is a file and a folder of "
            f"{_quoted(str(folders[key]))}; {_UNSAFE}."
        )


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one file, whole or not at all, and the folders above it."""
    # Not `replacing`: it lists the folder each time, too slow for a folder of 100,000 files.
    part = target.with_name(f".part-{target.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    try:
        # A header may understate what its member unpacks to: never write more than announced.
        with archive.open(member) as packed, open(part, "wb") as out:
            while left >= 0 and (chunk := packed.read(min(1 << 20, left + 1))):
                left -= len(chunk)
                if left >= 0:
                    out.write(chunk)
        if left:
            name, size = _quoted(member.orig_filename), "larger" if left < 0 else "smaller"
            raise zipfile.BadZipFile(f"member {name} is {size} than announced")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
