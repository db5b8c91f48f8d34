"""Mistakes in the command line, and Snakemake's messages that become one sentence."""

import logging
import re
import subprocess
from pathlib import Path

import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.plan.command_line import check_command_line, check_folder, check_python, reword


def test_a_second_flag_that_dropped_the_first_is_told():
    check_command_line(["snakemake", "--configfile", "a.yaml", "b.yaml", "--cores", "2"])
    for second in (["--configfile", "b.yaml"], ["--configfiles=b.yaml"]):
        with pytest.raises(StudyError, match="--configfile more than once"):
            check_command_line(["snakemake", "--configfile", "a.yaml", *second])


def test_a_start_in_a_folder_of_the_workflow_is_told():
    check_folder(Path("/clone"), Path("/clone"))
    with pytest.raises(StudyError, match="started in /clone/workflow/rules, .* cd /clone"):
        check_folder(Path("/clone/workflow/rules"), Path("/clone"))


def test_a_python_that_a_shell_would_misread_is_told():
    for folder in ("my studies", "a;b", "$HOME"):
        with pytest.raises(StudyError, match="python3 -m venv"):
            check_python(f"/home/me/{folder}/.venv/bin/python")
    plain = "/home/me/x86_64-linux/µ/a+b@1.2/bin/python"
    check_python(plain)
    # The shell that Snakemake would give it to agrees.
    said = subprocess.run(["bash", "-c", f"printf %s {plain}"], capture_output=True, text=True)
    assert said.stdout == plain


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "LockException:\nError: Directory cannot be locked. Please make sure that no other",
            "Error: another run is at work on the same files: wait .* the same command with --unl",
        ),
        (
            "Traceback:\n  File x\nPermissionError: [Errno 13] Permission denied: 'results/a'",
            "Error: results/a can't be written .Permission denied.: make its folder writable",
        ),
        (
            "ProtectedOutputException in rule all:\nWrite-protected output files for rule all:\n"
            "    output: a, b\n    affected files:\n        b\n",
            "Error: b is write-protected: make",
        ),
        (
            "No rule to produce tabels.csv (if you use input functions",
            "Error: no rule makes the target 'tabels.csv'; did you mean 'tables.csv'?",
        ),
        ("[Tue] Finished job 3.", "Finished job 3"),
    ],
)
def test_a_message_of_snakemakes_is_one_sentence(message, sentence):
    record = logging.makeLogRecord({"msg": message})
    assert reword(record, ["all", "tables.csv"])
    (line,) = record.getMessage().splitlines()
    assert re.search(sentence, line), line
