"""What a person at a terminal sees of a run: a line a stage, and the sentences of failed jobs.

Snakemake logs what it does as records with an `event`. A handler here follows them, and a filter
keeps Snakemake's blocks off the terminal; its log file gets them all. Where nobody watches,
everything is printed as Snakemake does it, and only the sentences of failed jobs come on top.
"""

import difflib
import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from dvs_snn.files.job import WATCHED

# The name of the handler by which Snakemake writes to the terminal.
SNAKEMAKES_OWN = "DefaultStreamHandler"
# Attribute of the records that end a run: they are shown.
CLOSING = "is_closing"

# Events that the terminal doesn't get.
_HIDDEN = frozenset(
    "workflow_started resources_info run_info job_info job_started job_finished group_info "
    "progress shellcmd job_error group_error".split()
)
# Of a failed job these errors tell no more than that its process failed.
_ONLY_FAILED = ("CalledProcessError", "Exiting because a job execution failed")
# Of a job that Ctrl-C ended, and of Snakemake, which heard it first.
_INTERRUPTED = "KeyboardInterrupt"
_STOPPING = "Terminating processes on user request"
# A job that had just written its files may be marked, by chance.
_STOPPED = (
    "The run was stopped; the same command goes on where it stopped (with --rerun-incomplete if it "
    "ends in IncompleteFilesException)."
)
_NO_REASON = "it left no sentence; was it stopped, or out of memory?"
_MOST = 10  # failed jobs that are told, and logs that the line looks into
_STAMP = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ ")


def closing_words(headline: Path, page: str) -> str:
    """Return the lines of `headline.txt` in a study's folder, and the page's path or address."""
    return f"{headline.read_text(encoding='utf-8')}page: {page}"


def last_words(log: Path) -> tuple[str, bool]:
    """Return a log's last line, and whether it is one of progress: it had its time before it.

    `logged` of :mod:`dvs_snn.files.job` ends the log of a failed job with a sentence without time.
    """
    line = ""
    with suppress(OSError):
        line = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
    return _STAMP.sub("", line), bool(_STAMP.match(line))


def missing_target(target: str, known: Sequence[str]) -> str:
    """Return the sentence on a target that no rule makes."""
    close = difflib.get_close_matches(target, known, n=1)
    meant = f" (did you mean {close[0]!r}?)" if close else ""
    return f"Error: no rule makes the target {target!r}{meant}, expected one of {', '.join(known)}."


@dataclass
class Stage:
    """The jobs of one file of rules; `began` is the second in which the first of them started."""

    name: str
    total: int = 0
    done: int = 0
    running: set[int] = field(default_factory=set)
    began: float | None = None


class Job(NamedTuple):
    """A job under way or at its end."""

    rule: str
    logs: list[Path]
    stage: Stage


class Watch(logging.Handler):
    """Follows a run by the records of Snakemake's logger.

    Attributes:
        stage_of: file of each rule, which is its stage.
        stream: the terminal; None where no person watches or asked for more, so not `is_terse`.
        failed: jobs that failed in the end -> what Snakemake knows, such as a cluster's word.
        ended: whether the run has ended with failed jobs.
        targets: what a target may be.
        stopped: whether the user has stopped the run.
    """

    def __init__(
        self,
        logger: logging.Logger,
        stage_of: Mapping[str, str],
        is_terse: bool,
        targets: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.logger, self.stage_of, self.targets, self.stopped = logger, stage_of, targets, False
        self.stages: dict[str, Stage] = {}
        self.jobs: dict[int, Job] = {}
        self.failed: dict[int, str] = {}
        self.began, self.ended = 0.0, False
        self._shown, self._over, self.stream = "", threading.Event(), None
        for printer in logger.handlers:
            if is_terse and printer.name == SNAKEMAKES_OWN and printer.stream.isatty():
                self.stream = printer.stream
                printer.addFilter(self.shows)
                # Keeps the bars of jobs, which would write over the line, from showing.
                os.environ.setdefault("TQDM_DELAY", "1e9")
                # Their sentences are this module's last words.
                os.environ[WATCHED] = "1"
        logger.addHandler(self)
        logger.addFilter(self.tells)

    def tells(self, record: logging.LogRecord) -> bool:
        """Put the study's sentence in place of Snakemake's where it names no remedy."""
        if getattr(record, "exception", None) == "MissingRuleException":
            target = re.search(r"No rule to produce (.*?)(?: \(if you|$)", record.getMessage())
            if target:
                record.msg = missing_target(target[1], self.targets)
        self.stopped |= str(record.msg).startswith(_STOPPING)
        return True

    def shows(self, record: logging.LogRecord) -> bool:
        """Return whether a record belongs on the terminal: a filter for Snakemake's handler."""
        if getattr(record, CLOSING, False):
            # No line comes after the last words.
            self._over.set()
        elif self.stream is not None:
            is_hidden = getattr(record, "event", None) in _HIDDEN
            if record.levelno >= logging.ERROR:
                is_hidden |= any(words in str(record.msg) for words in _ONLY_FAILED)
                is_hidden |= self.ended and bool(self.failed or self.stopped)
            if is_hidden or (record.levelno <= logging.INFO and self.stages):
                return False
        self._show("")
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Follow one record; on a surprise give the terminal back to Snakemake."""
        try:
            if follow := getattr(self, f"_on_{getattr(record, 'event', None)}", None):
                follow(record)
        except Exception as error:
            self.close()
            if self.stream is not None:
                self.stream = None
                self.logger.warning(f"The run goes on; its short form ended ({error!r}).")

    def close(self) -> None:
        """End the line on the terminal."""
        self._over.set()
        self._show("")
        super().close()

    def _on_run_info(self, record: logging.LogRecord) -> None:
        for rule, number in record.stats.items():
            if rule != "total":
                name = self.stage_of.get(rule, rule)
                self.stages.setdefault(name, Stage(name)).total += number
        self.began = time.monotonic()
        if self.stream is not None:
            self._show(_jobs(record.stats["total"]), "\n")
            files = [each for each in self.logger.handlers if isinstance(each, logging.FileHandler)]
            for file in files:
                self._show(f"full log: {os.path.relpath(file.baseFilename)}", "\n")
            threading.Thread(target=self._tick, daemon=True).start()

    def _on_job_info(self, record: logging.LogRecord) -> None:
        stage = self.stages[self.stage_of.get(record.rule_name, record.rule_name)]
        self.jobs[record.jobid] = Job(record.rule_name, list(map(Path, record.log)), stage)
        stage.running.add(record.jobid)
        stage.began = stage.began or time.monotonic()

    def _on_job_finished(self, record: logging.LogRecord) -> None:
        self.failed.pop(record.job_id, None)
        stage = self.jobs[record.job_id].stage
        stage.running.discard(record.job_id)
        stage.done += 1
        if stage.done == stage.total:
            took = tqdm.format_interval(time.monotonic() - stage.began)
            self._show(f"{stage.name:<16}{_jobs(stage.total):<10}{took}", "\n")

    def _on_job_error(self, record: logging.LogRecord) -> None:
        self.failed[record.jobid] = getattr(record, "rule_msg", None) or ""
        self.jobs[record.jobid].stage.running.discard(record.jobid)
        is_running = any(stage.running for stage in self.stages.values())
        more = " Running jobs go on to their ends." if is_running else ""
        if not self.stopped:
            self._show(f"{record.rule_name} failed.{more}", "\n")

    def _on_error(self, record: logging.LogRecord) -> None:
        # Snakemake's very last words.
        if self.ended and (self.failed or self.stopped):
            self.ended = False
            self.logger.error(self.reasons(), extra={CLOSING: True})

    def reasons(self) -> str:
        """Return why jobs failed, a line for each and one for its log, or that the user did it."""
        failed = []
        for number, known in self.failed.items():
            job = self.jobs[number]
            ends = map(last_words, job.logs)
            sentences = [words for words, is_progress in ends if words and not is_progress]
            if not self.stopped or (sentences and sentences[0] != _INTERRUPTED):
                failed.append((job, sentences[0] if sentences else known))
        # Of a batch on a cluster all jobs count as failed: those that say why are meant.
        meant = [(job, reason) for job, reason in failed if reason] or failed
        lines = []
        for job, reason in meant[:_MOST]:
            lines.append(f"{job.rule} failed: {reason or _NO_REASON}")
            lines.append(f"    its log: {', '.join(map(str, job.logs))}")
        if len(meant) > _MOST:
            lines.append(f"{len(meant) - _MOST} more jobs failed.")
        if self.stopped:
            lines.append(_STOPPED)
        return "\n".join(lines)

    def _tick(self) -> None:
        while not self._over.wait(1.0):
            with self.lock:
                if not self._over.is_set():
                    self._show(self._line(time.monotonic() - self.began))

    def _line(self, seconds: float) -> str:
        """How long the run has taken, where its stages are, and what one job says."""
        stages = [stage for stage in self.stages.values() if stage.running]
        done = "; ".join(f"{stage.name} {stage.done} of {stage.total}" for stage in stages)
        logs = [log for stage in stages for job in stage.running for log in self.jobs[job].logs]
        ends = [words for words, is_progress in map(last_words, logs[:_MOST]) if is_progress]
        ends = [words for words in ends if " of " in words]
        # Each job's words stand for three seconds.
        words = f"  ({ends[int(seconds / 3) % len(ends)]})" if ends else ""
        return f"{tqdm.format_interval(seconds)}  {done}{words}".rstrip()

    def _show(self, line: str, end: str = "\r") -> None:
        """Write over the last line one that stays, or before which the cursor waits."""
        if self.stream is None or (line == self._shown == "" and end == "\r"):
            return
        if end == "\r":
            line = line[: shutil.get_terminal_size().columns - 1]
        with self.lock, suppress(OSError, ValueError):
            blank = f"\r{' ' * len(self._shown)}\r" if self._shown else ""
            self.stream.write(f"{blank}{line}{end}")
            self.stream.flush()
            self._shown = line if end == "\r" else ""


def _jobs(number: int) -> str:
    return f"{number} job{'' if number == 1 else 's'}"
