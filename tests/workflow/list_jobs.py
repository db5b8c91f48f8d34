"""Print all jobs of a study in the working folder, as JSON: rule, wildcards, files, code.

The arguments are config files. Of a job's code it lists the modules; the job itself knows their
hash alone.
"""

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from snakemake.api import SnakemakeApi
from snakemake.jobs import Job
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings
from snakemake.workflow import Workflow

sys.path.insert(0, "workflow/scripts")

from dvs_snn.plan import code


@contextlib.contextmanager
def planned(settings: ConfigSettings) -> Iterator[Workflow]:
    """Plan all jobs of a study in the working folder."""
    with contextlib.redirect_stderr(io.StringIO()), SnakemakeApi(OutputSettings()) as api:
        study = api.workflow(ResourceSettings(cores=2), settings, snakefile=Path("Snakefile"))
        study.dag(DAGSettings(forceall=True))
        workflow = study._workflow
        workflow._prepare_dag(True, ignore_incomplete=True, lock_warn_only=True, nolock=True)
        workflow._build_dag()
        yield workflow


def described(job: Job) -> dict[str, str]:
    """Return what is told of a job."""
    return {
        "rule": job.rule.name,
        "wildcards": ", ".join(f"{name}={value}" for name, value in job.wildcards.items()),
        "input": ", ".join(job.input),
        "output": ", ".join(job.output),
        "benchmark": job.benchmark or "",
        "code": job.params.get("trigger_code", ""),
    }


if __name__ == "__main__":
    code.code_of = lambda *job: ", ".join(code.modules_of(*job))
    with planned(ConfigSettings(configfiles=list(map(Path, sys.argv[1:])))) as workflow:
        jobs = [
            described(job)
            for level in workflow.dag.toposorted()
            for job in sorted(level, key=lambda job: list(job.output))
        ]
    print("\n" + json.dumps(jobs))
