"""What a scheduler says of a job, as its manual has it, and what the status script makes of it."""

import os
import runpy
import sys
from pathlib import Path

import pytest
from running import ROOT

PROFILE = ROOT / "workflow/profiles/generic"
GONE, THERE, SILENT = "gone", "there", "silent"
# (scheduler, case) -> programs: what each says and its exit status.
WORDS = {
    ("SLURM", THERE): {"squeue": ("PENDING", 0)},
    ("SLURM", "ended"): {"squeue": ("", 0)},
    ("SLURM", GONE): {"squeue": ("slurm_load_jobs error: Invalid job id specified", 1)},
    ("SLURM", SILENT): {"squeue": ("slurm_load_jobs error: Unable to contact slurm controller", 1)},
    ("SGE", THERE): {"qacct": ("", 1), "qstat": ("job_number:  7\nowner:  me", 0)},
    ("SGE", "in error"): {
        "qacct": ("failed  27", 0),
        "qstat": ("job_number:  7\nerror reason  1:  can't stat() stdout", 0),
    },
    ("SGE", GONE): {
        "qacct": ("exit_status  137", 0),
        "qstat": ("Following jobs do not exist:\n7", 1),
    },
    ("SGE", SILENT): {"qacct": ("", 1), "qstat": ("error: commlib error: can't connect", 1)},
    ("PBS", THERE): {"pbsnodes": ("", 0), "qstat": ("Job Id: 7\n    job_state = R", 0)},
    ("PBS", GONE): {"pbsnodes": ("", 0), "qstat": ("qstat: Unknown Job Id 7.server", 153)},
    ("PBS", "finished"): {"pbsnodes": ("", 0), "qstat": ("qstat: 7 Job has finished, use -x", 35)},
    ("PBS", "completed"): {"pbsnodes": ("", 0), "qstat": ("Job Id: 7\n    job_state = C", 0)},
    ("PBS", SILENT): {"pbsnodes": ("", 0), "qstat": ("Connection refused", 111)},
    ("LSF", THERE): {"bjobs": ("RUN", 0)},
    ("LSF", "exited"): {"bjobs": ("EXIT", 0)},
    ("LSF", GONE): {"bjobs": ("Job <7> is not found", 255)},
    ("LSF", SILENT): {"bjobs": ("Failed in an LSF library call: LIM is down", 255)},
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


@pytest.mark.parametrize(("name", "case"), WORDS, ids=" ".join)
def test_a_job_without_a_record_is_as_its_scheduler_says(name, case, scheduler, capsys):
    folder = scheduler(WORDS[name, case])
    expected = "running" if case in (THERE, SILENT) else "failed"
    assert status("7", folder) == expected
    told = capsys.readouterr().err
    assert told.startswith("Job 7 was ended by the scheduler") == (expected == "failed")


@pytest.mark.parametrize(("exit_status", "expected"), [("0", "success"), ("1", "failed")])
def test_a_job_s_own_record_counts_and_is_read_once(exit_status, expected, scheduler):
    folder = scheduler(WORDS["SLURM", GONE])
    (folder / "7.exit").write_text(f"{exit_status}\n")
    assert status("7", folder) == expected
    assert not (folder / "7.exit").exists()


def test_a_machine_without_a_scheduler_is_told(scheduler):
    with pytest.raises(SystemExit, match="neither SLURM, SGE, PBS nor LSF"):
        status("7", scheduler({}))


def test_the_scripts_of_the_profile_can_be_run():
    for name in ("status.py", "jobscript.sh"):
        assert os.access(PROFILE / name, os.X_OK)
