#!/usr/bin/env python3
"""Tell whether a cluster's job is at work, did well or failed, to Snakemake: `status.py JOB`.

Prints `running`, `success` or `failed`. jobscript.sh writes a job's own exit status to a file. If a
job has no such file and has left the queue, the scheduler ended it; its words about the job go to
the error stream. For SLURM, SGE, PBS Pro, Torque and LSF, by the commands found. A scheduler that
doesn't answer says nothing about the job: it counts as running.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

# Seconds that a shared file system may take to show the file of a job that has ended.
PATIENCE_S = 20
TIMEOUT_S = 30
# The program by which we know the scheduler, the command that asks about a job, its words for an
# unknown job, and its words for a job that has ended.
SCHEDULERS = (
    ("squeue", ("squeue", "-h", "-o", "%T", "-j"), ("invalid job id",), ()),
    ("qacct", ("qstat", "-j"), ("do not exist",), ("error reason",)),
    (
        "pbsnodes",
        ("qstat", "-f"),
        ("unknown job", "has finished"),
        ("job_state = c", "job_state = f"),
    ),
    ("bjobs", ("bjobs", "-noheader", "-o", "stat"), ("is not found",), ("done", "exit")),
)
# The command that tells most about a job that the scheduler ended.
REASONS = {
    "squeue": ("scontrol", "-o", "show", "job"),
    "qacct": ("qacct", "-j"),
    "pbsnodes": ("qstat", "-x", "-f"),
    "bjobs": ("bjobs", "-l"),
}


def ask(*command: str) -> tuple[bool, str]:
    """Return whether a command did well, and what it says."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def is_queued(job: str) -> bool:
    """Return whether the scheduler still has a job; True where it doesn't answer."""
    for program, question, unknown, ended in SCHEDULERS:
        if shutil.which(program):
            well, said = ask(*question, job)
            if not well:
                return not any(words in said.lower() for words in unknown)
            return bool(said) and not any(words in said.lower() for words in ended)
    sys.exit("Error: neither SLURM, SGE, PBS nor LSF: none of their commands is on the PATH.")


def reason(job: str) -> str:
    """Return what the scheduler says of a job that it ended, at most a few lines."""
    for program, question in REASONS.items():
        if shutil.which(program):
            words = ask(*question, job)[1].split()
            # SLURM's line has some fifty entries.
            told = [
                word for word in words if word.startswith(("JobState=", "Reason=", "ExitCode="))
            ]
            return " ".join(told or words)[:1000]
    return ""


def status(job: str, folder: Path) -> str:
    """Return `running`, `success` or `failed`."""
    record = folder / f"{job}.exit"
    if not record.exists() and is_queued(job):
        return "running"
    end = time.monotonic() + PATIENCE_S
    while not record.exists() and time.monotonic() < end:
        time.sleep(1)
    if record.exists():
        exit_status = record.read_text().strip()
        # Read once: numbers begin anew where a scheduler does.
        record.unlink()
        return "success" if exit_status == "0" else "failed"
    print(f"Job {job} was ended by the scheduler: {reason(job)}", file=sys.stderr)
    return "failed"


if __name__ == "__main__":
    print(status(sys.argv[1], Path(".snakemake/cluster")))
