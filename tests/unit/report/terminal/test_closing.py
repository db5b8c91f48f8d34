"""The last words are the headline, and claim nothing of a trial."""

import pytest

from dvs_snn.report.terminal.closing import closing_words


@pytest.mark.parametrize(("study", "said"), [("mine", []), ("smoke-2", ["smoke: not a result"])])
def test_the_headline_the_page_and_a_trial_is_no_result(tmp_path, study, said):
    folder = tmp_path / study
    folder.mkdir()
    (folder / "headline.txt").write_text("a reads b\nc reads d\n", encoding="utf-8")
    wanted = ["a reads b", "c reads d", "page: s3://bucket/report.html", *said]
    words = closing_words(folder / "headline.txt", "s3://bucket/report.html")
    assert words.splitlines() == wanted
