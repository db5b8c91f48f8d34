"""A variant from given weights: its jobs, what a changed file runs, and its way to the page."""

import pandas as pd
import torch
from running import SMOKE, copy_project, planned_jobs, pretend, run_study, write_config
from safetensors.torch import load_file
from studies import TINY_CONFIGS

from dvs_snn.networks.architectures import build_network

LATER = {"method": "synop-loss", "start": "mine", "synops": 5e5}


def save(path, seed: int) -> None:
    torch.manual_seed(seed)
    torch.save(build_network("tutorial").state_dict(), path)


def of_variants(jobs, rule: str) -> set[str]:
    return {dict(wildcards)["variant"] for name, wildcards in jobs if name == rule}


def test_a_changed_file_runs_again_what_follows_it_and_only_that(tmp_path):
    """Beside the given network stand a trained one and one that starts from the given one."""
    project = copy_project(tmp_path / "project")
    save(project / "mine.pt", 1)
    variants = {"mine": {"weights": "mine.pt"}, "later": LATER}
    arguments = (*SMOKE, write_config(project, "given.yaml", variants=variants))
    jobs = planned_jobs(project, *arguments)
    assert of_variants(jobs, "import_weights") == {"mine"}
    # The CNN beside the network that starts from given weights is the given one.
    assert of_variants(jobs, "evaluate_cnn") == {"plain", "mine"}
    pretend(project, "--cores", "2", *arguments)
    assert planned_jobs(project, *arguments) == []
    save(project / "mine.pt", 2)
    jobs = planned_jobs(project, *arguments)
    assert of_variants(jobs, "train") == {"later"}
    assert of_variants(jobs, "import_weights") == of_variants(jobs, "evaluate_cnn") == {"mine"}
    for rule in ("convert", "infer", "evaluate"):
        assert of_variants(jobs, rule) == {"mine", "later"}
    assert not [rule for rule, _ in jobs if rule.startswith(("simulate", "store_"))]


def test_a_trained_networks_weights_in_a_file_give_its_numbers_from_file_to_page(tiny):
    # Its recordings are simulated already. The tables of the trained network are the truth.
    trained = tiny.results / "work/training/plain/seed-1/weights.safetensors"
    torch.save(load_file(trained), tiny.project / "mine.pt")
    expected = {
        name: pd.read_csv(tiny.results / f"tables/{name}.csv")
        for name in ("evaluation", "layers", "recordings", "points", "probes")
    }
    variants = {"plain": None, "mine": {"weights": "mine.pt"}}
    config = write_config(tiny.project, "given.yaml", variants=variants)
    run_study(tiny.project, *TINY_CONFIGS, config)
    for name, table in expected.items():
        found = pd.read_csv(tiny.results / f"tables/{name}.csv")
        renamed = table.replace({"variant": {"plain": "mine"}})
        assert "mine" in set(renamed["variant"])
        if name == "evaluation":
            # A file doesn't tell how many symbols trained its weights.
            assert (renamed.pop("n_training_symbols") > 0).all()
            assert found.pop("n_training_symbols").isna().all()
        pd.testing.assert_frame_equal(found, renamed, check_exact=True)
    assert pd.read_csv(tiny.results / "tables/training.csv").empty
