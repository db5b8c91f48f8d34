"""What jobs ask for: enough, not much too much, more at a retry, and a GPU where one computes."""

from collections import defaultdict
from pathlib import Path

import pandas as pd
from running import SMOKE, announced, entries, fail, write_config

# Below this a scheduler hands out no less.
ROUNDING_MB = 1000


def asked(project: Path, *args: str) -> list[dict[str, str]]:
    """Return for each job of a whole study its rule, benchmark file and resources."""
    defaults = ["--default-resources", "mem_mb=attempt * 1000", "runtime=attempt * 30"]
    jobs = announced(project, "--forceall", "--cores", "4", *defaults, *args)
    return [job | entries(job["resources"]) for job in jobs]


def test_jobs_take_what_they_ask_for_and_not_much_less(smoke):
    takes_much = defaultdict(list)
    for job in asked(smoke, *SMOKE):
        if "benchmark" in job:
            (peak,) = pd.read_csv(smoke / job["benchmark"], sep="\t", na_values="-")["max_rss"]
            mem_mb = int(job["mem_mb"])
            # Empty where a job ended before it was looked at.
            if not pd.isna(peak):
                assert peak < mem_mb, job["rule"]
                takes_much[job["rule"]].append(mem_mb <= ROUNDING_MB or peak > mem_mb / 4)
    # Snakemake looks every half second, and after 15 s every 30 s: on a busy machine it misses the
    # peak of a job, but hardly those of all jobs of a rule. Probes differ in what they load.
    assert takes_much
    assert [rule for rule, jobs in takes_much.items() if not any(jobs)] == []


def test_a_retry_asks_for_more(project):
    (project / "retried.smk").write_text(
        'include: "Snakefile"\n'
        "rule retried:\n"
        '    input: files=["config.yaml", "Snakefile"]\n'
        '    output: "never"\n'
        '    resources: mem_mb=asked(100), runtime=asked(7, "files", each=10)\n'
        "    retries: 1\n"
        '    shell: "echo {resources.mem_mb} {resources.runtime} >> tries; false"\n',
        encoding="utf-8",
    )
    fail(project, "-s", "retried.smk", "--cores", "1", "retried", *SMOKE)
    assert (project / "tries").read_text().splitlines() == ["100 27", "200 54"]


def test_a_job_asks_for_a_gpu_where_one_computes(project):
    def gpus(*args: str, **sections: object) -> set[str]:
        jobs = asked(project, *args, *SMOKE, write_config(project, "gpu.yaml", **sections))
        return {job["rule"] for job in jobs if job.get("gpu") == "1"}

    # A cluster without any GPU would refuse it.
    assert gpus(training={"device": "auto"}) == set()
    assert gpus(training={"device": "cuda"}) == {"train"}
    assert gpus("--workflow-profile", "workflow/profiles/local-gpu") == {"train"}
