"""One line a stage where a person watches Snakemake, and the jobs' own sentences where one fails.

Snakemake logs what it does as records with an `event`. A handler here follows them, and a filter
keeps Snakemake's blocks off the terminal; its log file gets them all. Where nobody watches,
everything is printed as Snakemake does it, and only the sentences of failed jobs come on top.
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from dvs_snn.files.job import WATCHED
from dvs_snn.report.terminal.job_logs import progress_in, reason_in
from dvs_snn.report.terminal.stages import Stage, clock, plan, underway

SNAKEMAKES_OWN = "DefaultStreamHandler"
"""The name of the handler by which Snakemake writes to the terminal."""

CLOSING = "is_closing"
"""Attribute of the records that end a run: they are shown."""

_BLOCKS = {
    "workflow_started", "resources_info", "run_info", "job_info", "job_started", "job_finished",
    "group_info", "progress", "shellcmd",
}  # fmt: skip
_FAILURES = {"job_error", "group_error"}
_ONLY_FAILED = ("CalledProcessError", "Exiting because a job execution failed")
_NO_REASON = "it left no sentence; was it stopped, or out of memory?"
_TICK_S = 1.0
_MOST_LOGS = 8
_MOST_FAILURES = 10


def watch(
    logger: logging.Logger,
    stages: Mapping[str, str],
    is_terse: bool = True,
    shows_logs: bool = False,
    outlook: Callable[[], str] = str,
) -> "Watch":
    """Follow a run by the records of Snakemake's logger.

    Args:
        stages: of each rule.
        is_terse: whether the terminal may get one line a stage: the user asked for nothing else.
        shows_logs: whether Snakemake's blocks about failed jobs are shown, with the jobs' logs.
        outlook: returns how long the run will take, called as it begins; empty if that is unknown.
    """
    named = [one for one in logger.handlers if one.name == SNAKEMAKES_OWN]
    stream = getattr(named[0], "stream", None) if named else None
    watched = is_terse and stream is not None and stream.isatty()
    hidden = _BLOCKS if shows_logs else _BLOCKS | _FAILURES
    handler = Watch(logger, stages, stream if watched else None, hidden, outlook)
    if watched:
        named[0].addFilter(handler.shows)
        # Keeps the bars of jobs, which would write over the line, from showing: tqdm reads it.
        os.environ.setdefault("TQDM_DELAY", "1e9")
        # Their sentences are this module's last words.
        os.environ[WATCHED] = "1"
    logger.addHandler(handler)
    return handler


class Watch(logging.Handler):
    """What is known of a run, and the line on the terminal that says so.

    Attributes:
        stream: the terminal; None where no person watches.
        hidden: events whose records the terminal doesn't get.
        stages: by name; empty until the run begins.
        jobs: job -> its rule and its log files.
        failed: jobs that failed, and didn't end well when tried again, and what Snakemake knows of
            it, such as a cluster's word.
        ended: whether the run has ended with failed jobs.
    """

    def __init__(
        self,
        logger: logging.Logger,
        stages: Mapping[str, str],
        stream: TextIO | None,
        hidden: Set[str],
        outlook: Callable[[], str],
    ) -> None:
        super().__init__()
        self.logger, self.stage_of, self.stream = logger, stages, stream
        self.hidden, self.outlook = hidden, outlook
        self.stages: dict[str, Stage] = {}
        self.jobs: dict[int, tuple[str, list[Path]]] = {}
        self.failed: dict[int, str] = {}
        self.began, self.ended = 0.0, False
        self._shown, self._ticks = "", 0
        self._over = threading.Event()

    def shows(self, record: logging.LogRecord) -> bool:
        """Return whether a record belongs on the terminal: a filter for Snakemake's handler."""
        if getattr(record, CLOSING, False):
            # No line comes after the last words.
            self._over.set()
            shown = True
        elif self.stream is None:
            shown = True
        elif getattr(record, "event", None) in self.hidden:
            shown = False
        elif record.levelno >= logging.ERROR:
            # Of a failed job these tell no more than that its process failed.
            shown = not self._is_about_jobs(record)
        else:
            shown = record.levelno > logging.INFO or not self.stages
        if shown:
            self._show("")
        return shown

    def _is_about_jobs(self, record: logging.LogRecord) -> bool:
        """Whether an error says no more than that the process of some job failed."""
        words = str(record.msg)
        return any(one in words for one in _ONLY_FAILED) or (self.ended and bool(self.failed))

    def emit(self, record: logging.LogRecord) -> None:
        """Follow one record; on a surprise give the terminal back to Snakemake."""
        try:
            follow = getattr(self, f"_on_{getattr(record, 'event', None) or 'text'}", None)
            if follow:
                follow(record)
        except Exception as error:
            self.close()
            watched, self.stream = self.stream is not None, None
            if watched:
                self.logger.warning(f"The run goes on; its short form ended ({error!r}).")

    def close(self) -> None:
        """End the line on the terminal."""
        self._over.set()
        self._show("")
        super().close()

    def _on_run_info(self, record: logging.LogRecord) -> None:
        counts = {rule: number for rule, number in record.stats.items() if rule != "total"}
        self.stages = plan(counts, self.stage_of)
        self.began = time.monotonic()
        outlook = self.outlook()
        if self.stream is not None:
            total = sum(counts.values())
            jobs = f"{total} job{'' if total == 1 else 's'}"
            self._say(", ".join(filter(None, (jobs, outlook))))
            for one in self.logger.handlers:
                if isinstance(one, logging.FileHandler):
                    self._say(f"full log: {os.path.relpath(one.baseFilename)}")
            threading.Thread(target=self._tick, daemon=True).start()
        elif outlook:
            self.logger.info(f"The run takes {outlook}.")

    def _on_job_info(self, record: logging.LogRecord) -> None:
        self.jobs[record.jobid] = (record.rule_name, [Path(path) for path in record.log])
        self._stage(record.jobid).start(record.jobid, record.rule_name, time.monotonic())

    def _on_job_finished(self, record: logging.LogRecord) -> None:
        self.failed.pop(record.job_id, None)
        stage, now = self._stage(record.job_id), time.monotonic()
        stage.finish(record.job_id, now)
        if stage.done == stage.total and self.stream is not None:
            self._say(stage.summary(now))

    def _on_job_error(self, record: logging.LogRecord) -> None:
        self.failed[record.jobid] = getattr(record, "rule_msg", None) or ""
        self._stage(record.jobid).stop(record.jobid)
        if self.stream is not None:
            others = any(stage.running for stage in self.stages.values())
            more = " Running jobs go on to their ends." if others else ""
            self._say(f"{record.rule_name} failed.{more}")

    def _on_error(self, record: logging.LogRecord) -> None:
        # Snakemake's very last words.
        if self.ended and self.failed:
            self.ended = False
            self.logger.error(self.reasons(), extra={CLOSING: True})

    def _stage(self, job: int) -> Stage:
        return next(one for one in self.stages.values() if self.jobs[job][0] in one.planned)

    def reasons(self) -> str:
        """Return why jobs failed: a line for each, and one for its log."""
        found = []
        for job, known in self.failed.items():
            rule, logs = self.jobs[job]
            reason = next(filter(None, map(reason_in, logs)), known)
            found.append((rule, reason, ", ".join(map(str, logs))))
        # Of a batch on a cluster all jobs count as failed: those that say why are meant.
        told = [one for one in found if one[1]] or found
        lines = [
            f"{rule} failed: {reason or _NO_REASON}\n    its log: {log}"
            for rule, reason, log in told[:_MOST_FAILURES]
        ]
        more = len(told) - _MOST_FAILURES
        return "\n".join(lines + ([f"{more} more jobs failed."] if more > 0 else []))

    def _tick(self) -> None:
        while not self._over.wait(_TICK_S):
            self._ticks += 1
            with self.lock:
                if not self._over.is_set():
                    self._show(self._line(time.monotonic()))

    def _line(self, now: float) -> str:
        """How long the run has taken, how far its stages are, and what one job says."""
        line = f"{clock(now - self.began)}  {underway(self.stages.values(), now)}"
        running = [job for stage in self.stages.values() for job in stage.running][:_MOST_LOGS]
        said = [progress_in(path) for job in running for path in self.jobs[job][1]]
        said = [words for words in said if " of " in words]
        return f"{line}  ({said[self._ticks // 3 % len(said)]})" if said else line.rstrip()

    def _say(self, line: str) -> None:
        """Write a line that stays."""
        with self.lock, suppress(OSError, ValueError):
            self._show("")
            self.stream.write(f"{line}\n")
            self.stream.flush()

    def _show(self, line: str) -> None:
        """Write the line that changes over the last one.

        The cursor waits at its beginning, so what others write doesn't stand behind it.
        """
        if self.stream is None or line == self._shown == "":
            return
        columns = shutil.get_terminal_size().columns - 1
        with self.lock, suppress(OSError, ValueError):
            self.stream.write(f"\r{line[:columns].ljust(len(self._shown))}\r")
            self.stream.flush()
            self._shown = line[:columns]
