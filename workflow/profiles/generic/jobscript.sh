#!/bin/sh
# properties = {properties}
cd "${{PBS_O_WORKDIR:-.}}" || exit 1
# For status.py. A job that the scheduler ends writes nothing.
record=".snakemake/cluster/${{SLURM_JOB_ID:-${{PBS_JOBID:-${{LSB_JOBID:-$JOB_ID}}}}}}.exit"
( {exec_job} )
status=$?
echo $status > "$record.part" && mv "$record.part" "$record"
exit $status
