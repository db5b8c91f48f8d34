"""What a run says: one line a stage where a person watches, and its last words everywhere.

Inputs: headline.txt; the logs of failed jobs.
"""

from snakemake.logging import logger

from dvs_snn.report.terminal.stages import stages_of
from dvs_snn.report.terminal.watch import CLOSING, watch

STAGES = stages_of({rule.name: Path(rule.snakefile).stem for rule in workflow.rules})
OUTPUT = workflow.output_settings
# The user asked for no more and no less than Snakemake's own words.
IS_TERSE = not (OUTPUT.quiet or OUTPUT.verbose or OUTPUT.debug_dag or OUTPUT.printshellcmds)
# Dry runs say what Snakemake says, and so do jobs that run a Snakemake of their own.
if workflow.is_main_process and not OUTPUT.dryrun:
    WATCH = watch(logger, STAGES, IS_TERSE, OUTPUT.show_failed_logs)


onsuccess:
    from dvs_snn.report.terminal.closing import closing_words

    if any(job.rule.name == "report" for job in workflow.dag.jobs):
        logger.info(closing_words(Path(f"results/{STUDY}")), extra={CLOSING: True})


onerror:
    WATCH.ended = True
