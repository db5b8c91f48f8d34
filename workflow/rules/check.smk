"""Whether the recordings of every set are like those that trained the networks.

Inputs: recordings/split.csv, <set>.csv; events/<set>.npy, .csv; frames/frames.npy, index.csv, facts.csv.
Outputs: tables/checks.csv.
"""


rule check_sets:
    """Compare the recordings of every set with those that trained; warn of what doesn't fit."""
    input:
        splits=[SETS[name].table for name in SETS],
        events=expand("<results>/events/{set}.npy", set=SETS),
        tables=expand("<results>/events/{set}.csv", set=SETS),
        frames="<results>/frames/frames.npy",
        index="<results>/frames/index.csv",
        facts=PLAN.facts,
    output:
        table=table("checks"),
    log:
        "<logs>/check_sets/all.log",
    params:
        columns=column_types("checks"),
        sets=list(SETS),
        where=[SETS[name].where for name in SETS],
        placements=[SETS[name].scenes for name in SETS],
        step_ms=config["inference"]["step_ms"],
        classes=DATA["classes"],
    script:
        "../scripts/check_sets.py"
