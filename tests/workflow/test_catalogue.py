"""What the Snakemake workflow catalog asks of a workflow that it lists in full."""

import yaml
from running import ROOT, SMOKE, announced, run_study

THROUGH_CATALOGUE = ("-s", "workflow/Snakefile")


def test_its_snakefile_plans_the_whole_study(project):
    ours = announced(project, "--cores", "2", *SMOKE)
    theirs = announced(project, *THROUGH_CATALOGUE, "--cores", "2", *SMOKE)
    names = [{job["rule"] for job in jobs} for jobs in (ours, theirs)]
    assert names[0] ^ names[1] == {"all", "study"}
    assert len(ours) == len(theirs) > 60


def test_its_snakefile_makes_the_page_of_the_smoke_study(smoke):
    page = smoke / "results/smoke/report.html"
    page.unlink()
    run_study(smoke, SMOKE[1], *THROUGH_CATALOGUE)
    assert page.stat().st_size > 100_000


def test_the_files_are_there_that_it_reads():
    """Its page on adding workflows lists them."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").lower()
    assert "snakemake" in readme
    assert "workflow" in readme
    assert list((ROOT / "workflow/rules").glob("*.smk"))
    assert len((ROOT / "config/README.md").read_text(encoding="utf-8")) > 300
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage.keys() == {"mandatory-flags", "software-stack-deployment", "report"}
    assert usage["mandatory-flags"].keys() == {"desc", "flags"}
    deployment = usage["software-stack-deployment"]
    # Every rule names the same environment, and no rule a container.
    assert deployment == {
        "conda": True, "apptainer": False, "apptainer+conda": False, "report": True,
    }  # fmt: skip
    assert (ROOT / "environment.yml").exists()
