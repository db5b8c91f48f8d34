"""What a reader may do with a bad input: refuse it in one sentence, soon, in little memory."""

import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unicodedata import category

from hypothesis import HealthCheck, settings

from dvs_snn.files.errors import StudyError, chain

MAX_SECONDS = 20.0
MAX_BYTES = 500 * 10**6
LINE_BREAKERS = ("Cc", "Cs", "Zl", "Zp")


def fuzz(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a fuzz test: the same examples each time, as many as the profile says."""
    quiet = list(HealthCheck)  # the profile is chosen after this module is imported
    same = settings(deadline=None, database=None, derandomize=True, suppress_health_check=quiet)
    return same(test)


class Hang(BaseException):
    """Too long; no `except Exception` of a reader catches it."""


@contextmanager
def _bounded() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Hang(f"more than {MAX_SECONDS} s")

    # Address space is what a header's claim asks for, even where nothing is ever written there.
    limits = resource.getrlimit(resource.RLIMIT_AS)
    handler = signal.signal(signal.SIGALRM, stop)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MAX_BYTES, limits[1]))
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, limits)
        signal.signal(signal.SIGALRM, handler)


def refused(kind: str, call: Callable[..., Any], *arguments: Any) -> str | None:
    """Call a reader on a bad input; return its sentence, or None if it read the input.

    Fails on any other exception, on a hang, on `MAX_BYTES` of memory even if the reader turned that
    into a sentence, and on a sentence that isn't one line of plain text.
    """
    try:
        with _bounded():
            call(*arguments)
    except StudyError as error:
        fault = error
    else:
        return None
    assert not any(isinstance(cause, MemoryError) for cause in chain(fault)), kind
    sentence = str(fault)
    assert not {one for one in sentence if category(one) in LINE_BREAKERS}, ascii(sentence)
    assert 10 < len(sentence) < 1500, sentence
    return sentence
