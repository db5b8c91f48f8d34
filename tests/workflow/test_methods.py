"""Variants of other methods: what their jobs read, what one more of them runs, and their page."""

import pandas as pd
import yaml
from browsing import check_everywhere, needs_chromium
from running import SMOKE, run_study, write_config

from dvs_snn.settings.variants import keys_of, section_of

PRESET = "workflow/presets/methods.yaml"
# Of the preset's variants one for each method, and what these start from.
LEFT_OUT = ["synops-600k"]
# The tiny study's CNN hardly spikes at scale 1.
QUICK = {"epochs": 1, "learning_rate": 0.0003, "start_scale": 4, "scales": [1.0], "start": "plain"}


def quick(changes: dict) -> dict:
    """Return of `QUICK` what the method of a variant of the preset knows."""
    # The preset leaves the method of `lean` to config.yaml.
    known = keys_of(section_of(changes.get("method", "synop-loss")))
    return {key: value for key, value in QUICK.items() if key in known}


@needs_chromium
def test_the_page_of_every_method_holds_in_a_browser(browser, tiny):
    # Its recordings are simulated and its CNN is trained already.
    variants = yaml.safe_load((tiny.project / PRESET).read_text(encoding="utf-8"))["variants"]
    variants = {
        name: None if name in LEFT_OUT else quick(changes) for name, changes in variants.items()
    }
    config = write_config(tiny.project, "quick.yaml", variants=variants)
    run_study(tiny.project, *SMOKE[1:], PRESET, "tiny.yaml", config)
    page = tiny.results / "report.html"
    # Eight more methods have a row each.
    check_everywhere(browser, page, more_px=300)
    methods = set(pd.read_csv(tiny.results / "tables/points.csv")["method"])
    trained = {"bptt", "normalised", "pruned", "qcfs", "quantised", "synop-loss"}
    assert methods >= trained | {"rescaled", "early-exit", "sparse-cnn"}
