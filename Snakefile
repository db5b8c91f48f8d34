"""How much power does a spiking CNN need to read a digit from an event camera?"""

from snakemake.utils import min_version

min_version("9.19")


configfile: f"{workflow.current_basedir}/config.yaml"


include: "workflow/rules/common.smk"


pathvars:
    results=f"results/{STUDY}",
    work=f"results/{STUDY}/work",
    logs=f"results/{STUDY}/work/logs",
    benchmarks=f"results/{STUDY}/work/benchmarks",


report: "workflow/report/workflow.rst"


include: "workflow/rules/resources.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/convert.smk"
include: "workflow/rules/infer.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/probes.smk"
include: "workflow/rules/gather.smk"
include: "workflow/rules/report.smk"


if PLAN.is_simulated:

    include: "workflow/rules/simulate.smk"
    include: "workflow/rules/realism.smk"


if PLAN.verified_set:

    include: "workflow/rules/check.smk"


rule all:
    """The whole study: every table, figure and the report."""
    default_target: True
    input:
        "<results>/report.html",
        "<results>/manifest.csv",
        collect("<results>/tables/{name}.csv", name=TABLES),


include: "workflow/rules/messages.smk"


# Said once for all rules: where their software stands (--sdm conda); the code of their jobs,
# where it doesn't hang on modules that a job names; and which take seconds. These have no
# benchmark, and run beside Snakemake also where a cluster runs the others.
for each in workflow.rules:
    each.conda_env = f"{CLONE}/environment.yml"
    if each.script and "trigger_code" not in each.params.keys():
        each.set_params(trigger_code=code_of(Path(each.script).stem))
workflow.localrules(*(each.name for each in workflow.rules if each.benchmark is None))
