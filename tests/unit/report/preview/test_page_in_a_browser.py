"""The page on recordings in a browser: it fits, fetches nothing, and is open to all."""

import itertools

import pytest
import yaml
from browsing import SCHEMES, axe_findings, needs_chromium, opened, overflow
from jobs import quiet
from made_recordings import of_digit
from pages import WORKFLOW
from previewed_study import write_frames, write_network

from dvs_snn.events.recording import write_recording
from dvs_snn.report.preview.page import write_preview
from dvs_snn.settings.study import as_dict, read_study


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A page with a warning, settings to paste and a network that reads."""
    folder = tmp_path_factory.mktemp("preview")
    for digit in (2, 5):
        (folder / f"mine/{digit}").mkdir(parents=True)
        write_recording(folder / f"mine/{digit}/a.npz", of_digit(digit, 3000, digit))
    (folder / "mine/5/b.npz").write_bytes(b"PK")
    write_frames(folder / "results")
    write_network(folder / "results")
    config = yaml.safe_load((WORKFLOW.parent / "config.yaml").read_text(encoding="utf-8"))
    settings = as_dict(read_study(config))
    path = folder / "page.html"
    write_preview(folder / "mine", settings, folder / "results", path, quiet())
    return path


@needs_chromium
@pytest.mark.parametrize(("width", "scheme"), [*itertools.product((390, 1280), SCHEMES)])
def test_it_fits_and_is_open_to_all(browser, file, width, scheme):
    with opened(browser, file, width, scheme) as found:
        assert overflow(found.page) <= 0
        assert found.console == []
        assert all(url.startswith("data:") for url in found.requests if url != file.as_uri())
        assert axe_findings(found.page) == []
