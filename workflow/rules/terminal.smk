"""What a run says: one line a stage where a person watches, and its last words."""

from snakemake.logging import logger

from dvs_snn.report.terminal import CLOSING, Watch

STAGES = {rule.name: Path(rule.snakefile).stem for rule in workflow.rules}
TARGETS = ["all", *map(str, rules.all.input)]
OUTPUT = workflow.output_settings
# The user asked for no more and no less than Snakemake's own words.
IS_TERSE = not (
    OUTPUT.quiet
    or OUTPUT.verbose
    or OUTPUT.debug_dag
    or OUTPUT.printshellcmds
    or OUTPUT.show_failed_logs
)


# Jobs that run a Snakemake of their own say what Snakemake says.
if workflow.is_main_process:
    WATCH = Watch(logger, STAGES, IS_TERSE and not OUTPUT.dryrun, TARGETS)


onsuccess:
    from dvs_snn.report.terminal import closing_words

    for job in filter(lambda job: job.rule.name == "report", workflow.dag.jobs):
        page, headline = job.output.page, job.output.headline
        if IS_STORED:
            # Snakemake has removed its local copy.
            workflow.async_run(headline.retrieve_from_storage())
            page = page.storage_object.print_query
        logger.info(closing_words(Path(headline), page), extra={CLOSING: True})


onerror:
    WATCH.ended = True
