"""What the Snakemake workflow catalog asks of a workflow that it lists in full."""

from running import SMOKE, announced

THROUGH_CATALOGUE = ("-s", "workflow/Snakefile")


def test_its_snakefile_plans_the_whole_study(project):
    ours = announced(project, "--cores", "2", *SMOKE)
    theirs = announced(project, *THROUGH_CATALOGUE, "--cores", "2", *SMOKE)
    names = [{job["rule"] for job in jobs} for jobs in (ours, theirs)]
    assert names[0] ^ names[1] == {"all", "study"}
    assert len(ours) == len(theirs) > 60
