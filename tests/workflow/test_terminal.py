"""What a run says with `--quiet rules`: the answer at its end, or the sentence of a failed job."""

from running import SMOKE, fail, succeed, write_config

QUIET = ("--cores", "1", "--quiet", "rules", "--configfile")


def test_a_run_ends_with_the_answer_and_the_page(smoke):
    results = smoke / "results/smoke"
    (results / "report.html").unlink()
    text = succeed(smoke, "results/smoke/report.html", *QUIET, *SMOKE[1:])
    headline = (results / "headline.txt").read_text(encoding="utf-8")
    assert f"{headline}page: results/smoke/report.html\n" in text
    assert "output:" not in text
    # A run that doesn't make the page doesn't quote it.
    (results / "tables/network.csv").unlink()
    text = succeed(smoke, "results/smoke/tables/network.csv", *QUIET, *SMOKE[1:])
    assert "page:" not in text


def test_a_failed_job_tells_its_sentence_its_log_and_how_to_go_on(project):
    options = (*QUIET, *SMOKE[1:], write_config(project, "failing.yaml", study="failing"))
    symbols = project / "results/failing/work/recordings/symbols.npz"
    succeed(project, str(symbols.relative_to(project)), *options)
    symbols.write_bytes(symbols.read_bytes()[:-100])

    (sentence,), text = fail(project, "results/failing/work/recordings/test.csv", *options)
    assert "symbols.npz: is not a whole NPZ file" in sentence
    assert "    its log: results/failing/work/logs/simulate_set/test.log\n" in text
    assert "The run stopped; logs of its jobs lie in results/failing/work/logs/." in text
