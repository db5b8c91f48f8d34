"""A study ten times the default one: exactly its jobs, none for a sample or a step."""

import numpy as np
from running import planned, write_config


def test_ten_times_the_default_study_has_ten_times_its_evaluations(project):
    for digit in "04":
        folder = project / "more" / digit
        folder.mkdir(parents=True)
        np.savez(folder / "a.npz", t=np.arange(9), x=np.arange(9), y=np.arange(9))
    # Beside plain, and without the variant of another method that the default study has.
    variants = {f"v{number}": {"epochs": 9 + number} for number in range(3)} | {"lean": None}
    scales = [round(0.25 * step, 2) for step in range(1, 16)]
    config = write_config(
        project,
        "ten.yaml",
        study="ten",
        variants=variants,
        seeds=[1, 2, 3],
        sweep={"scales": scales},
        evaluation={"sets": [{"name": "more", "folder": "more", "sensor_size": [64, 64]}]},
    )
    # Ten times those of the default's plain networks: variants x seeds x scales x sets.
    assert len(variants) * 3 * len(scales) * 4 == 10 * (1 * 2 * 12 * 3)
    networks, sets, recordings = 12, 4, 3
    assert planned(project, "--configfile", config) == {
        # Made once.
        "symbols": 1, "simulate_set": 3, "simulate_recording": recordings, "simulate_frames": 1,
        "list_recordings": 1, "list_set": 1, "bin_set": sets, "check_sets": 1, "calibrate": 1,
        "sensitivity_recordings": 1, "idle_recordings": 1, "tell_apart": 1, "describe": 1,
        # A network each.
        "train": networks, "convert": networks, "sensitivity": networks,
        "idle": networks, "ablation": networks,
        "evaluate_ann": networks, "evaluate_ann_set": networks, "infer": networks * recordings,
        # The study's three sets in one job a scale, the added one in its own.
        "evaluate": networks * len(scales), "evaluate_set": networks * len(scales),
        # What all networks share.
        "choose": 1, "gather": 1, "compare_methods": 1, "costs": 1, "join_idle": 1,
        "runtimes": 1, "join_sensitivity": 1, "verify": 1, "pair_twins": 1,
        "join_ablation": 1, "export": 1,
        "provenance": 1, "plot_figure": 18,
        "plot_recording": recordings, "plot_raster": recordings, "plot_player": recordings,
        "report": 1, "manifest": 1,
        "all": 1,
    }  # fmt: skip
