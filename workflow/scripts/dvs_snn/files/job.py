"""The start and end of every job: its log, its progress, its error messages."""

import dataclasses
import errno
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import MISSING, dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO, TypeVar, get_type_hints

from pydantic import TypeAdapter
from tqdm import tqdm

from dvs_snn.files.errors import StudyError, chain

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_log = logging.getLogger("progress")

Job = TypeVar("Job", bound="DataclassInstance")
Item = TypeVar("Item")


@dataclass
class Progress:
    """Progress of long work: a bar on the user's `terminal`, a plain line in the log `every_s`."""

    terminal: TextIO
    every_s: float = 10.0

    @contextmanager
    def bar(self, total: int, unit: str, title: str) -> Iterator["Bar"]:
        """Yield a bar over `total` units of work."""
        form = {"desc": title, "unit": unit, "unit_scale": unit == "B", "leave": False}
        is_seen = self.terminal.isatty()
        with tqdm(total=total, file=self.terminal, disable=not is_seen, **form) as line:
            yield Bar(line, title, unit, total, self.every_s)

    def over(self, items: Sequence[Item], unit: str, title: str) -> Iterator[Item]:
        """Yield items, each a unit of work; the bar moves on when the next is asked for."""
        with self.bar(len(items), unit, title) as bar:
            for item in items:
                yield item
                bar.advance(1)

    def say(self, line: str) -> None:
        """Write one plain line to the log."""
        _log.info(line)


@dataclass
class Bar:
    """One piece of work under way."""

    line: tqdm
    title: str
    unit: str
    total: int
    every_s: float
    done: int = 0

    def __post_init__(self) -> None:
        self.started = self.logged = time.monotonic()

    def advance(self, n: int, **shown: str) -> None:
        """Count `n` more units; `shown` (e.g. the loss) stands behind the bar."""
        self.done += n
        self.line.set_postfix(shown, refresh=False)
        self.line.update(n)
        now = time.monotonic()
        if now - self.logged < self.every_s:
            return
        self.logged = now
        rate = self.done / (now - self.started)
        amount = f"{self.done} of {self.total} {self.unit}s, {rate:.0f}/s"
        more = "".join(f", {key} {value}" for key, value in shown.items())
        _log.info(f"{self.title}: {amount}{more}")


def disk_fault(error: BaseException, target: str) -> str | None:
    """Return a sentence on a fault of the disk, or None; `target` if the error names no file."""
    again = "and run the same command again."
    for cause in chain(error):
        number = cause.errno if isinstance(cause, OSError) else None
        # safetensors gives the number as text only.
        if number in (errno.ENOSPC, errno.EDQUOT) or f"(os error {errno.ENOSPC})" in str(cause):
            return f"{target}: no space is left on its disk; free some {again}"
        if isinstance(cause, OSError) and number in (errno.EROFS, errno.EACCES, errno.EPERM):
            what = f"can't be written or read ({cause.strerror})"
            return f"{cause.filename or target}: {what}; make the folder writable {again}"
    return None


def _heard_interrupts() -> list[int]:
    """Return a list to which each Ctrl-C adds an entry; it stays empty where Ctrl-C is ignored."""
    heard: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        signal.default_int_handler(number, frame)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    return heard


@contextmanager
def logged(log_path: str, target: str) -> Iterator[Progress]:
    """Run a job that writes `target`, with both streams in its log file.

    A `StudyError`, or a full or read-only disk, ends the process with status 1, and with one
    sentence to the log and, with the log's place, to the user. Any other exception writes its stack
    trace to the log. After Ctrl-C no exception is a fault: the process ends as an interrupted one
    does.
    """
    terminal = os.fdopen(os.dup(2), "w", buffering=1)
    try:
        log = open(log_path, "w", buffering=1, encoding="utf-8")
    except OSError as error:
        print(f"Error: {disk_fault(error, target) or error}", file=terminal)
        sys.exit(1)
    with log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    form = "%(asctime)s %(message)s"
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=form, force=True)
    logging.captureWarnings(True)
    interrupts = _heard_interrupts()
    try:
        yield Progress(terminal)
    except Exception as error:
        # A library that Ctrl-C meets while it is imported may raise an error of its own instead.
        if interrupts:
            raise KeyboardInterrupt from error
        known = str(error) if isinstance(error, StudyError) else disk_fault(error, target)
        sentence = known or f"{type(error).__name__}: {error} (a fault of the study itself)"
        # The log may be on the disk that is full.
        with suppress(OSError):
            if not known:
                traceback.print_exc()
            print(sentence, file=sys.stderr)
        print(f"Error: {sentence}\n    its log: {log_path}", file=terminal)
        sys.exit(1)


TRIGGER = "trigger_"
"""Names of a rule that begin so reach no function: a change of their values runs the job again."""


def job_of(kind: type[Job], named: Mapping[str, Any], wildcards: Mapping[str, str]) -> Job:
    """Return the object that a job's function takes, from what its rule gives, name by name.

    Values become what the fields of `kind`, a dataclass, are annotated with (`converted`).
    A wildcard fills the field of its name. Fields `inputs` and `outputs` hold all files by name.

    Raises:
        ValueError: the rule gives a name that isn't a field, or a field without a default lacks
            its name. The message names both sides.
    """
    hints = get_type_hints(kind)
    given = {name: value for name, value in wildcards.items() if name in hints}
    given |= {name: value for name, value in named.items() if not name.startswith(TRIGGER)}
    unknown = sorted(given.keys() - hints.keys())
    required = required_fields(kind)
    if unknown or required - given.keys():
        # A misspelt name may be that of a field with a default.
        lacking = [
            name if name in required else f"{name} (may be left out)"
            for name in sorted(hints.keys() - given.keys())
        ]
        raise ValueError(
            f"a rule and its job {kind.__module__}.{kind.__name__} differ in names: the rule alone "
            f"gives {', '.join(unknown) or 'none'}; the job alone has "
            f"{', '.join(lacking) or 'none'}; use one name in both."
        )
    return kind(**converted(hints, given))


def required_fields(kind: type[Any]) -> set[str]:
    """Return the names of a dataclass's fields that have no default."""
    return {
        field.name
        for field in dataclasses.fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }


def converted(hints: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by name, each as its annotation in `hints` says.

    A path as text becomes a `Path`, a mapping a dataclass or a model, a wildcard a number. What is
    of the annotated class already stays as it is, and so does what has no annotation.
    """
    values = {}
    for name, value in named.items():
        hint = hints.get(name, Any)
        is_ready = type(value) is hint
        values[name] = value if is_ready else TypeAdapter(hint).validate_python(value)
    return values


def run(function: Callable[..., None], snakemake: Any) -> None:
    """Call a job's function with the one object that holds what its rule gives; logged.

    The function takes an argument `job`, a dataclass whose fields are the names of the rule's
    inputs, outputs and params, and perhaps `progress`. A field `threads` holds the job's threads.

    Args:
        snakemake: the object of that name of a script.

    Raises:
        ValueError: the names of the rule and of the dataclass differ.
    """
    with logged(snakemake.log[0], snakemake.output[0]) as progress:
        hints = get_type_hints(function)
        named = _named(snakemake, hints["job"])
        job = job_of(hints["job"], named, dict(snakemake.wildcards.items()))
        if "progress" in hints:
            function(job, progress)
        else:
            function(job)


def _named(snakemake: Any, kind: type) -> dict[str, Any]:
    """Return the values of a rule by name."""
    fields = get_type_hints(kind)
    inputs = dict(snakemake.input.items())
    outputs = dict(snakemake.output.items())
    if "inputs" in fields:
        inputs = {"inputs": inputs}
    if "outputs" in fields:
        outputs = {"outputs": outputs}
    threads = {"threads": snakemake.threads} if "threads" in fields else {}
    return dict(**inputs, **outputs, **dict(snakemake.params.items()), **threads)
