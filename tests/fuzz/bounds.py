"""What a reader may do with a bad input: refuse it in one sentence, soon, in little memory."""

import resource
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unicodedata import category

from hypothesis import HealthCheck, settings

from dvs_snn.files.errors import StudyError

MAX_SECONDS = 20.0
MAX_BYTES = 500 * 10**6
LINE_BREAKERS = ("Cc", "Cs", "Zl", "Zp")


def fuzz(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a fuzz test; it has as many examples as the profile: 100, or conftest's in the long one.

    A function, since the profile is chosen after conftest is imported.
    """
    return settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))(test)


@dataclass
class Tally:
    """Outcomes of the bad inputs of one kind; `read` counts inputs that do no harm after all."""

    refused: int = 0
    read: int = 0
    seconds: float = 0.0
    bytes: int = 0
    sentences: set[str] = field(default_factory=set)


TALLIES: dict[str, Tally] = defaultdict(Tally)


class Hang(BaseException):
    """Too long; no `except Exception` of a reader catches it."""


def _memory(key: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(key)


@contextmanager
def _bounded(tally: Tally) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Hang(f"more than {MAX_SECONDS} s")

    # Address space is what a header's claim asks for, even where nothing is ever written there.
    limits = resource.getrlimit(resource.RLIMIT_AS)
    handler = signal.signal(signal.SIGALRM, stop)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, began = _memory("VmRSS"), time.monotonic()
    resource.setrlimit(resource.RLIMIT_AS, (_memory("VmSize") + MAX_BYTES, limits[1]))
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, limits)
        signal.signal(signal.SIGALRM, handler)
        tally.seconds = max(tally.seconds, time.monotonic() - began)
        tally.bytes = max(tally.bytes, _memory("VmHWM") - before)
    assert tally.bytes < MAX_BYTES


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def refused(kind: str, call: Callable[..., Any], *arguments: Any) -> str | None:
    """Call a reader on a bad input; return its sentence, or None if it read the input.

    Fails on any other exception, on a hang, on memory above the limit even if the reader turned
    that into a sentence, and on a sentence that isn't one line of plain text.
    """
    tally = TALLIES[kind]
    try:
        with _bounded(tally):
            call(*arguments)
    except StudyError as error:
        causes = list(_causes(error))
        assert not any(isinstance(cause, MemoryError) for cause in causes), causes
        sentence = str(error)
        odd = {character for character in sentence if category(character) in LINE_BREAKERS}
        assert not odd, ascii(sentence)
        assert 10 < len(sentence) < 1500, sentence
        tally.refused += 1
        return sentence
    tally.read += 1
    return None
