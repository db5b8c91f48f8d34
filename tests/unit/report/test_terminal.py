"""A run is followed by the records of a logger; the terminal shows the stages only."""

import io
import logging

import pytest

from dvs_snn.files.job import WATCHED
from dvs_snn.report.terminal import CLOSING, SNAKEMAKES_OWN, Watch, closing_words

STAGES = {"train": "training", "report": "report"}


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def run(monkeypatch):
    """Return a function that starts a logger like Snakemake's, and gives its stream and logger."""
    # The watch sets them, for jobs.
    monkeypatch.setenv("TQDM_DELAY", "0")
    monkeypatch.setenv(WATCHED, "0")
    started = []

    def start(stream, is_terse=True):
        logger = logging.Logger("snakemake")
        shown = logging.StreamHandler(stream)
        shown.name = SNAKEMAKES_OWN
        logger.addHandler(shown)
        started.append(Watch(logger, STAGES, is_terse))
        return logger, started[-1]

    yield start
    for one in started:
        one.close()


def event(logger, name, level=logging.INFO, text="a block", **about):
    logger.log(level, text, extra={"event": name, **about})


def begin(logger, log=""):
    event(logger, "run_info", stats={"train": 2, "report": 1, "total": 3})
    event(logger, "job_info", jobid=1, rule_name="train", log=[log] if log else [])


def test_a_stage_that_ended_leaves_a_line(run):
    terminal = Terminal()
    logger, _ = run(terminal)
    begin(logger)
    event(logger, "job_finished", job_id=1)
    assert "training" not in terminal.getvalue()
    event(logger, "job_info", jobid=2, rule_name="train", log=[])
    event(logger, "job_finished", job_id=2)
    assert "a block" not in terminal.getvalue()
    assert terminal.getvalue().splitlines()[-1].split()[:3] == ["training", "2", "jobs"]


def test_warnings_and_foreign_errors_are_shown(run):
    terminal = Terminal()
    logger, _ = run(terminal)
    logger.info("Nothing to be done.")
    begin(logger)
    logger.info("Select jobs to execute...")
    logger.warning("The disk is slow.")
    event(logger, "error", logging.ERROR, "Missing files after 5 seconds", exception="Missing")
    logger.info("the answer", extra={CLOSING: True})
    shown = terminal.getvalue()
    for text in ("Nothing to be done.", "The disk is slow.", "Missing files", "the answer"):
        assert text in shown
    assert "Select jobs" not in shown


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_the_last_words_are_the_failed_jobs_sentence(run, stream, tmp_path):
    log = tmp_path / "train.log"
    log.write_text("2026-01-01 10:00:00,123 epoch 1 of 2\ndata/a.npz: is cut; copy it again.\n\n")
    output = stream()
    logger, follower = run(output)
    begin(logger, str(log))
    event(logger, "job_error", logging.ERROR, jobid=1, rule_name="train", log=[str(log)])
    follower.ended = True
    event(logger, "error", logging.ERROR, "At least one job failed", exception="WorkflowError")
    *_, sentence, where = output.getvalue().splitlines()
    assert sentence == "train failed: data/a.npz: is cut; copy it again."
    assert str(log) in where
    assert ("At least one job" in output.getvalue()) == (stream is io.StringIO)


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_a_run_that_was_stopped_says_how_it_goes_on_and_blames_no_job(run, stream, tmp_path):
    logs = {1: "KeyboardInterrupt", 2: "2026-01-01 10:00:00,123 epoch 1 of 2", 3: "it is cut."}
    output = stream()
    logger, follower = run(output)
    begin(logger)
    logger.info("Terminating processes on user request, this might take some time.")
    for job, end in logs.items():
        (tmp_path / f"{job}.log").write_text(f"{end}\n")
        about = {"rule_name": "train", "log": [str(tmp_path / f"{job}.log")]}
        event(logger, "job_info", jobid=job, **about)
        event(logger, "job_error", logging.ERROR, jobid=job, **about)
    follower.ended = True
    event(logger, "error", logging.ERROR, "At least one job failed", exception="WorkflowError")
    # Whose own fault a job's end was is told beside.
    sentence, where, stopped = output.getvalue().splitlines()[-3:]
    assert (sentence, str(tmp_path / "3.log") in where) == ("train failed: it is cut.", True)
    assert stopped.startswith("The run was stopped; the same command goes on where it stopped")
    assert "Interrupt" not in follower.reasons()


def test_a_job_that_did_well_when_tried_again_did_not_fail_and_counts_once(run):
    logger, follower = run(io.StringIO())
    begin(logger)
    event(logger, "job_error", logging.ERROR, jobid=1, rule_name="train", log=[])
    event(logger, "job_info", jobid=1, rule_name="train", log=[])
    event(logger, "job_finished", job_id=1)
    assert follower.reasons() == ""
    stage = follower.stages["training"]
    assert (stage.done, stage.total, stage.running) == (1, 2, set())


def test_of_a_batch_the_jobs_that_say_why_are_meant(run, tmp_path):
    logs = [tmp_path / "1.log", tmp_path / "2.log", tmp_path / "3.log"]
    logs[0].write_text("2026-01-01 10:00:00,123 done\n")
    logs[1].write_text("the disk is full\n")
    logger, follower = run(io.StringIO())
    begin(logger)
    for job, log in enumerate(logs):
        event(logger, "job_info", jobid=job, rule_name="train", log=[str(log)])
        event(logger, "job_error", logging.ERROR, jobid=job, rule_name="train", log=[str(log)])
    assert follower.reasons().splitlines()[0] == "train failed: the disk is full"
    assert len(follower.reasons().splitlines()) == 2


@pytest.mark.parametrize("known", [None, "SLURM status is: 'TIMEOUT'"])
def test_without_a_sentence_a_clusters_word_and_the_log_are_named(run, tmp_path, known):
    logger, follower = run(io.StringIO())
    begin(logger, str(tmp_path / "none.log"))
    event(logger, "job_error", logging.ERROR, jobid=1, rule_name="train", log=[], rule_msg=known)
    assert (known or "left no sentence") in follower.reasons()
    assert "none.log" in follower.reasons()


@pytest.mark.parametrize(("stream", "is_terse"), [(io.StringIO, True), (Terminal, False)])
def test_where_nobody_watches_snakemake_writes_as_ever(run, stream, is_terse):
    output = stream()
    logger, _ = run(output, is_terse=is_terse)
    begin(logger)
    event(logger, "job_finished", job_id=1)
    assert output.getvalue() == "a block\n" * 3
    # Without Snakemake's own handler there is no stream to take.
    assert Watch(logging.Logger("snakemake"), STAGES, True).stream is None


def test_on_a_surprise_snakemake_gets_its_terminal_back(run):
    terminal = Terminal()
    logger, _ = run(terminal)
    begin(logger)
    event(logger, "job_finished", job_id=99)
    assert "its short form ended (KeyError(99))" in terminal.getvalue()
    event(logger, "job_info", text="a whole block", jobid=2, rule_name="train", log=[])
    assert "a whole block" in terminal.getvalue()


def test_the_last_words_are_the_headline_and_the_page(tmp_path):
    headline = tmp_path / "headline.txt"
    headline.write_text("a reads b\nc reads d\n", encoding="utf-8")
    words = closing_words(headline, "s3://bucket/report.html").splitlines()
    assert words == ["a reads b", "c reads d", "page: s3://bucket/report.html"]
