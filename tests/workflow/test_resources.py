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


def test_memory_and_time_of_a_training_grow_with_its_frames_and_epochs(smoke):
    def train(**training: object) -> dict[str, str]:
        config = write_config(smoke, "mine.yaml", training=training)
        return next(job for job in asked(smoke, *SMOKE, config) if job["rule"] == "train")

    usual, long, wide = train(), train(epochs=4000), train(batch_size=1000)
    frames_mb = (smoke / "results/smoke/frames/frames.npy").stat().st_size / 1e6
    assert int(usual["mem_mb"]) == int(long["mem_mb"]) > 500 + frames_mb
    assert int(wide["mem_mb"]) > int(usual["mem_mb"]) + 500
    # A thread that is slow trains on 500 frames of 4,096 bytes a second.
    minutes = 3980 * frames_mb * 1e6 / 4096 / 500 / 60
    assert abs(int(long["runtime"]) - int(usual["runtime"]) - minutes) < 2


def test_a_job_asks_for_a_gpu_where_one_computes(project):
    def gpus(*args: str, **sections: object) -> set[str]:
        jobs = asked(project, *args, *SMOKE, write_config(project, "gpu.yaml", **sections))
        return {job["rule"] for job in jobs if job.get("gpu") == "1"}

    # A cluster without any GPU would refuse it.
    assert gpus(training={"device": "auto"}) == set()
    assert gpus(training={"device": "cuda"}) == {"train"}
    sinabs = {"engine": "sinabs", "device": "mps"}
    assert gpus(inference=sinabs) == {"evaluate", "infer", "probe", "verify"}
    assert gpus("--workflow-profile", "workflow/profiles/local-gpu") == {"train"}
