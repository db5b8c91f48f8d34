"""The one exception that a user's mistake raises, and foreign text made fit for its sentence."""

import re
import sys
from collections.abc import Iterable, Iterator
from typing import NoReturn

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Control characters, line separators, and bytes that aren't text in the file system's encoding:
they break a line of a message, a table or a log."""


class StudyError(Exception):
    """A mistake in the user's files or settings, told in one sentence.

    The message names the file, key or line, what was found, what was expected and what to do.
    Scripts print it without a stack trace (see :mod:`dvs_snn.files.job`).
    """


def end_without_environment(error: ModuleNotFoundError) -> NoReturn:
    """End with status 2 where Python lacks a package of the study's: this module needs none."""
    print(
        f"Error: {sys.executable} has no package {error.name}, expected the study's environment; "
        "make it in the clone with: python3 -m venv .venv && .venv/bin/pip install -r "
        "requirements.txt, and run the same with .venv/bin/python or .venv/bin/snakemake.",
        file=sys.stderr,
    )
    sys.exit(2)


def reason_of(error: BaseException) -> str:
    """Return the message of an exception of a library or the system, fit for one sentence.

    It may quote any character of a damaged file, so only ASCII is kept.
    """
    text = str(getattr(error, "strerror", None) or error)
    return " ".join(re.sub(r"[^ -~\s]+", "?", text).split())[:200] or type(error).__name__


def listed(words: Iterable[object]) -> str:
    """Return words as a sentence names them, one at least: `3`, `3 and 6`, `3, 6 and 8`."""
    *most, last = map(str, words)
    return f"{', '.join(most)} and {last}" if most else last


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and, one after another, those that led to it."""
    while error:
        yield error
        error = error.__cause__ or error.__context__
