"""What a run says beside Snakemake: the answer at its end, how it goes on, what stopped it."""

from snakemake.logging import logger

logger.addFilter(lambda record: command_line.reword(record, ["all", *map(str, rules.all.input)]))


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
