"""Compares counters of SynOps on the same spikes.

Inputs: workflow/data/audit.csv.
Outputs: tables/audit.csv.
"""


rule audit:
    """Count the SynOps of one fixed recording in several ways."""
    input:
        # What NeuroBench and spikingjelly count: `python benchmarks/audit.py` makes it.
        shipped=shipped("workflow/data/audit.csv"),
        code=code_of("audit"),
    output:
        table=table("audit"),
    log:
        "<logs>/audit/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(1200),
        runtime=asked(10),
    script:
        "../scripts/audit.py"
