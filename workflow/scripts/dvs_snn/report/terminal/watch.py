"""One line a stage where a person watches Snakemake, and the jobs' own sentences where one fails.

Snakemake logs what it does as records with an `event`. A handler here follows them, and a filter
keeps Snakemake's blocks off the terminal; its log file gets them all. Where nobody watches,
everything is printed as Snakemake does it, and only the sentences of failed jobs come on top.
"""

import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tqdm import tqdm

from dvs_snn.files.job import WATCHED
from dvs_snn.report.terminal.stages import Stage

# The name of the handler by which Snakemake writes to the terminal.
SNAKEMAKES_OWN = "DefaultStreamHandler"
# Attribute of the records that end a run: they are shown.
CLOSING = "is_closing"

_BLOCKS = {
    "workflow_started", "resources_info", "run_info", "job_info", "job_started", "job_finished",
    "group_info", "progress", "shellcmd",
}  # fmt: skip
# Of a failed job these errors tell no more than that its process failed.
_ONLY_FAILED = ("CalledProcessError", "Exiting because a job execution failed")
_NO_REASON = "it left no sentence; was it stopped, or out of memory?"
_MOST = 10  # failed jobs that are told, and logs that the line looks into
_STAMP = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ ")


def last_words(log: Path) -> tuple[str, bool]:
    """Return a log's last line, and whether it is one of progress: it had its time before it.

    `logged` of :mod:`dvs_snn.files.job` ends the log of a failed job with a sentence without time.
    """
    line = ""
    with suppress(OSError):
        line = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
    return _STAMP.sub("", line), bool(_STAMP.match(line))


class Watch(logging.Handler):
    """Follows a run by the records of Snakemake's logger.

    Attributes:
        stream: the terminal; None where no person watches or asked for more, so not `is_terse`.
        hidden: events that the terminal doesn't get; `shows_logs` lets it have those of failures.
        failed: jobs that failed in the end -> what Snakemake knows, such as a cluster's word.
        ended: whether the run has ended with failed jobs.
    """

    def __init__(
        self, logger: logging.Logger, stage_of: Mapping[str, str], is_terse: bool, shows_logs: bool
    ) -> None:
        super().__init__()
        self.logger, self.stage_of = logger, stage_of
        self.hidden = _BLOCKS if shows_logs else _BLOCKS | {"job_error", "group_error"}
        self.stages: dict[str, Stage] = {}
        self.jobs: dict[int, tuple[str, list[Path], Stage]] = {}
        self.failed: dict[int, str] = {}
        self.began, self.ended = 0.0, False
        self._shown, self._over = "", threading.Event()
        self.stream = None
        own = next((one for one in logger.handlers if one.name == SNAKEMAKES_OWN), None)
        if is_terse and isinstance(own, logging.StreamHandler) and own.stream.isatty():
            self.stream = own.stream
            own.addFilter(self.shows)
            # Keeps the bars of jobs, which would write over the line, from showing: tqdm reads it.
            os.environ.setdefault("TQDM_DELAY", "1e9")
            # Their sentences are this module's last words.
            os.environ[WATCHED] = "1"
        logger.addHandler(self)

    def shows(self, record: logging.LogRecord) -> bool:
        """Return whether a record belongs on the terminal: a filter for Snakemake's handler."""
        if getattr(record, CLOSING, False):
            # No line comes after the last words.
            self._over.set()
        elif self.stream is not None:
            is_hidden = getattr(record, "event", None) in self.hidden
            if record.levelno >= logging.ERROR:
                is_hidden |= any(words in str(record.msg) for words in _ONLY_FAILED)
                is_hidden |= self.ended and bool(self.failed)
            if is_hidden or (record.levelno <= logging.INFO and self.stages):
                return False
        self._show("")
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Follow one record; on a surprise give the terminal back to Snakemake."""
        try:
            if follow := getattr(self, f"_on_{getattr(record, 'event', None)}", None):
                follow(record, time.monotonic())
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

    def _on_run_info(self, record: logging.LogRecord, now: float) -> None:
        for rule, number in record.stats.items():
            if rule != "total":
                name = self.stage_of.get(rule, rule)
                self.stages.setdefault(name, Stage(name)).total += number
        self.began = now
        if self.stream is not None:
            self._say(_jobs(record.stats["total"]))
            for one in self.logger.handlers:
                if isinstance(one, logging.FileHandler):
                    self._say(f"full log: {os.path.relpath(one.baseFilename)}")
            threading.Thread(target=self._tick, daemon=True).start()

    def _on_job_info(self, record: logging.LogRecord, now: float) -> None:
        stage = self.stages[self.stage_of.get(record.rule_name, record.rule_name)]
        self.jobs[record.jobid] = (record.rule_name, list(map(Path, record.log)), stage)
        stage.running.add(record.jobid)
        stage.began = min(stage.began, now)

    def _on_job_finished(self, record: logging.LogRecord, now: float) -> None:
        self.failed.pop(record.job_id, None)
        stage = self.jobs[record.job_id][2]
        stage.running.discard(record.job_id)
        stage.done += 1
        if stage.done == stage.total:
            took = tqdm.format_interval(now - stage.began)
            self._say(f"{stage.name:<16}{_jobs(stage.total):<10}{took}")

    def _on_job_error(self, record: logging.LogRecord, now: float) -> None:
        self.failed[record.jobid] = getattr(record, "rule_msg", None) or ""
        self.jobs[record.jobid][2].running.discard(record.jobid)
        others = any(stage.running for stage in self.stages.values())
        more = " Running jobs go on to their ends." if others else ""
        self._say(f"{record.rule_name} failed.{more}")

    def _on_error(self, record: logging.LogRecord, now: float) -> None:
        # Snakemake's very last words.
        if self.ended and self.failed:
            self.ended = False
            self.logger.error(self.reasons(), extra={CLOSING: True})

    def reasons(self) -> str:
        """Return why jobs failed: a line for each, and one for its log."""
        found = []
        for job, known in self.failed.items():
            rule, logs, _ = self.jobs[job]
            said = [words for words, is_progress in map(last_words, logs) if not is_progress]
            found.append((rule, next(filter(None, said), known), ", ".join(map(str, logs))))
        # Of a batch on a cluster all jobs count as failed: those that say why are meant.
        told = [one for one in found if one[1]] or found
        lines = [f"{rule} failed: {reason or _NO_REASON}\n    its log: {log}"
                 for rule, reason, log in told[:_MOST]]  # fmt: skip
        more = len(told) - _MOST
        return "\n".join(lines + ([f"{more} more jobs failed."] if more > 0 else []))

    def _tick(self) -> None:
        while not self._over.wait(1.0):
            with self.lock:
                if not self._over.is_set():
                    self._show(self._line(time.monotonic() - self.began))

    def _line(self, seconds: float) -> str:
        """How long the run has taken, how far its stages are, and what one job says."""
        stages = [stage for stage in self.stages.values() if stage.running]
        far = "; ".join(f"{stage.name} {stage.done} of {stage.total}" for stage in stages)
        logs = [log for stage in stages for job in stage.running for log in self.jobs[job][1]]
        said = [words for words, is_progress in map(last_words, logs[:_MOST])
                if is_progress and " of " in words]  # fmt: skip
        # Each job's words stand for three seconds.
        words = f"  ({said[int(seconds / 3) % len(said)]})" if said else ""
        return f"{tqdm.format_interval(seconds)}  {far}{words}".rstrip()

    def _say(self, line: str) -> None:
        """Write a line that stays."""
        if self.stream is not None:
            with self.lock, suppress(OSError, ValueError):
                self._show("")
                self.stream.write(f"{line}\n")
                self.stream.flush()

    def _show(self, line: str) -> None:
        """Write a line over the last one; the cursor waits before it, so others write over it."""
        if self.stream is None or line == self._shown == "":
            return
        columns = shutil.get_terminal_size().columns - 1
        with self.lock, suppress(OSError, ValueError):
            self.stream.write(f"\r{line[:columns].ljust(len(self._shown))}\r")
            self.stream.flush()
            self._shown = line[:columns]


def _jobs(number: int) -> str:
    return f"{number} job{'' if number == 1 else 's'}"
