"""What a run says beside Snakemake: the answer at its end, how it goes on, an unknown target."""

from snakemake.logging import logger

TARGETS = ["all", *map(str, rules.all.input)]


def name_targets(record):
    """A log filter: where Snakemake finds no rule for a target, name those that there are."""
    missing = re.search(r"No rule to produce (.*?)(?: \(if you|$)", record.getMessage())
    if missing:
        meant = mistakes.did_you_mean(missing[1], TARGETS)
        record.msg = f"Error: no rule makes the target {missing[1]!r}; {meant}"
    return True


logger.addFilter(name_targets)


onsuccess:
    if any(job.rule.name == "report" for job in workflow.dag.jobs):
        headline = Path("results", STUDY, "headline.txt")
        page = headline.with_name("report.html")
        # On object storage Snakemake has removed its local copies.
        if headline.exists():
            print(headline.read_text(encoding="utf-8"), end="")
        place = f"{workflow.storage_settings.default_storage_prefix}/" if IS_STORED else ""
        print(f"page: {place}{page}")


onerror:
    # With `--quiet rules` Snakemake itself names no failed job; a job tells its sentence and log.
    print(
        f"The run stopped; logs of its jobs lie in results/{STUDY}/work/logs/. The same command "
        "goes on where it stopped (with --rerun-incomplete if it ends in "
        "IncompleteFilesException).",
        file=sys.stderr,
    )
