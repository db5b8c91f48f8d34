"""Mistakes in the command line, and Snakemake's own messages, each told in one sentence."""

import logging
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from dvs_snn.files.errors import StudyError
from dvs_snn.settings.mistakes import did_you_mean

_NO_RULE = re.compile(r"No rule to produce (.*?)(?: \(if you|$)")
# As Python ends a stack trace where the system refuses to make or to write a file; 30: the disk is
# read-only. Other errors, such as a full disk, have other remedies.
_REFUSED = re.compile(
    r"^(?:PermissionError: \[Errno \d+\]|OSError: \[Errno 30\]) (.*): '(.*)'", re.MULTILINE
)
_PROTECTED = re.compile(r"Write-protected output files.*affected files:\s*(\S.*?)$", re.S | re.M)


def check_command_line(arguments: Sequence[str]) -> None:
    """Raise StudyError for a second --configfile, since Snakemake drops the files of the first."""
    flags = [word.split("=")[0] for word in arguments]
    if sum(flag in ("--configfile", "--configfiles") for flag in flags) > 1:
        raise StudyError(
            "the command line has --configfile more than once, but Snakemake reads only the last: "
            "write all files after one, as in --configfile a.yaml b.yaml."
        )


def check_folder(folder: Path, clone: Path) -> None:
    """Raise StudyError if Snakemake was started in a folder of the workflow's own."""
    if folder.is_relative_to(clone / "workflow"):
        raise StudyError(
            f"Snakemake was started in {folder}, expected {clone} or a folder outside of its "
            f"workflow; change there: cd {shlex.quote(str(clone))}."
        )


def check_python(executable: str) -> None:
    """Raise StudyError if a shell needs quotes for Python's path: Snakemake 9 writes none."""
    if re.search(r"[^\w@%+=:,./~-]", executable):
        raise StudyError(
            f"the Python that runs Snakemake is {executable!r}, expected a path without spaces and "
            "signs of a shell; make the virtual environment elsewhere, as 'python3 -m venv ~/dvs'."
        )


def reword(record: logging.LogRecord, targets: Sequence[str]) -> bool:
    """Filter Snakemake's log: say in one sentence what stopped a run, and what to do.

    Args:
        targets: names of files that a user may ask for.
    """
    sentence = _sentence(record.getMessage(), targets)
    if sentence:
        record.msg = f"Error: {sentence}"
        record.args = ()
    return True


def _sentence(message: str, targets: Sequence[str]) -> str | None:
    """Return the sentence that stands for a message of Snakemake's; None: the message stays."""
    if missing := _NO_RULE.search(message):
        return f"no rule makes the target {missing[1]!r}; {did_you_mean(missing[1], targets)}"
    if "Directory cannot be locked" in message:
        return (
            "another run is at work on the same files: wait for its end. If none is, a killed run "
            "left its lock: give the same command with --unlock, and then without."
        )
    if refused := _REFUSED.search(message):
        return (
            f"{refused[2]} can't be written ({refused[1]}): make its folder writable, and give the "
            "same command again."
        )
    if protected := _PROTECTED.search(message):
        return (
            f"{protected[1]} is write-protected: make it writable, as with chmod -R u+w results, "
            "or mount its disk for writing, and give the same command again."
        )
    return None
