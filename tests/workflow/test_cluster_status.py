"""What a scheduler says of a job, as its manual has it, and what the status script makes of it."""

import runpy
import sys
from pathlib import Path

import pytest
from running import ROOT

PROFILE = ROOT / "workflow/profiles/generic"
# (scheduler, state) -> what its programs say, and their exit status.
WORDS = {
    "SLURM": {
        "there": {"squeue": ("PENDING", 0)},
        "ended": {"squeue": ("", 0)},
        "gone": {"squeue": ("slurm_load_jobs error: Invalid job id specified", 1)},
        "silent": {"squeue": ("slurm_load_jobs error: Unable to contact slurm controller", 1)},
    },
    "SGE": {
        "there": {"qacct": ("", 1), "qstat": ("job_number:  7\nowner:  me", 0)},
        "gone": {"qacct": ("exit_status  137", 0), "qstat": ("jobs do not exist:\n7", 1)},
        "silent": {"qacct": ("", 1), "qstat": ("error: commlib error: can't connect", 1)},
    },
    "PBS": {
        "there": {"pbsnodes": ("", 0), "qstat": ("Job Id: 7\n    job_state = R", 0)},
        "gone": {"pbsnodes": ("", 0), "qstat": ("qstat: Unknown Job Id 7.server", 153)},
        "ended": {"pbsnodes": ("", 0), "qstat": ("Job Id: 7\n    job_state = C", 0)},
        "silent": {"pbsnodes": ("", 0), "qstat": ("Connection refused", 111)},
    },
    "LSF": {
        "there": {"bjobs": ("RUN", 0)},
        "ended": {"bjobs": ("EXIT", 0)},
        "gone": {"bjobs": ("Job <7> is not found", 255)},
        "silent": {"bjobs": ("Failed in an LSF library call: LIM is down", 255)},
    },
}


def status(job: str, folder: Path) -> str:
    """Call the function of the status script, which lies beside its profile."""
    script = runpy.run_path(str(PROFILE / "status.py"))
    script["status"].__globals__["PATIENCE_S"] = 0
    return script["status"](job, folder)


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    """Put programs that say given words on a PATH of their own."""

    def place(programs: dict[str, tuple[str, int]]) -> Path:
        (tmp_path / "bin").mkdir()
        for name, (words, status) in programs.items():
            text = f"#!{sys.executable}\nprint({words!r})\nraise SystemExit({status})\n"
            (tmp_path / "bin" / name).write_text(text, encoding="utf-8")
            (tmp_path / "bin" / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        return tmp_path

    return place


@pytest.mark.parametrize(
    ("name", "state"), [(name, state) for name, states in WORDS.items() for state in states]
)
def test_a_job_without_a_record_is_as_its_scheduler_says(name, state, scheduler):
    expected = "running" if state in ("there", "silent") else "failed"
    assert status("7", scheduler(WORDS[name][state])) == expected


@pytest.mark.parametrize(("exit_status", "expected"), [("0", "success"), ("1", "failed")])
def test_a_job_s_own_record_counts_and_is_read_once(exit_status, expected, scheduler):
    folder = scheduler(WORDS["SLURM"]["gone"])
    (folder / "7.exit").write_text(f"{exit_status}\n")
    assert status("7", folder) == expected
    assert not (folder / "7.exit").exists()
