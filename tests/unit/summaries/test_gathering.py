"""Which readings of a file the result tables are gathered from, and where they end up."""

import pandas as pd
import pytest
from method_readings import first, make_readings

from dvs_snn.evaluation.readings import growing_readings
from dvs_snn.files.tables import read_table, schema, write_table
from dvs_snn.settings.set_names import VALIDATION
from dvs_snn.settings.sides import CNN
from dvs_snn.settings.sweep import Power
from dvs_snn.summaries.gathering import GatherJob, gather_tables, picked_readings


def test_validation_picks_the_frames_of_the_cnn_for_every_set(tmp_path):
    """On the test set, which stands first in the file, the other frames read more."""
    hits = {"test": {"50 ms": 2, "3000 events": 9}, VALIDATION: {"50 ms": 8, "3000 events": 7}}
    with growing_readings(tmp_path / "cnn.parquet") as add:
        for name, of_frames in hits.items():
            tables = [
                make_readings(name, "plain", first(number, n=10), [100], [0.0]).assign(
                    frames=frames, side=CNN, operations_nonzero=50
                )
                for frames, number in of_frames.items()
            ]
            add(pd.concat(tables))
    picked = picked_readings([tmp_path / "cnn.parquet"])
    right = {name: int(table["correct"].sum()) for (name, _, _), table in picked.items()}
    assert right == {"test": 2, VALIDATION: 8}


GATHERED = ("evaluation", "recordings", "layers", "training", "predictions", "choice")


def test_labels_and_what_both_networks_of_a_training_read_stand_in_their_own_columns(tmp_path):
    """Three recordings under two trainings, whose spiking network and CNN each read otherwise."""
    labels = [1, 1, 0]
    spiking = {1: [0, None, 0], 2: [1, 0, None]}
    of_cnn = {1: [1, 0, None], 2: [1, 1, 1]}
    at_end = {
        "tied": False,
        "time_to_decision_ms": 20.0,
        "n_events_outside": 0,
        "duration_s": 0.1,
    }

    def write(path, seed, predicted, **columns):
        right = [[[int(a == b) for a, b in zip(labels, predicted, strict=True)]]]
        rows = make_readings("test", "plain", right, [600], [1.0]).assign(**at_end, **columns)
        rows = rows.assign(seed=seed, label=labels, predicted=predicted)
        with growing_readings(path) as add:
            add(rows.astype({"predicted": "Int8"}))
        return path

    nothing_chosen = tmp_path / "choice.csv"
    choice = pd.DataFrame(columns=list(schema("stored_choice")))
    write_table(choice, nothing_chosen, "stored_choice")
    index = tmp_path / "index.csv"
    index.write_text("symbol,split\n1/a,train\n")

    job = GatherJob(
        readings=[write(tmp_path / f"{n}.parquet", n, read) for n, read in spiking.items()],
        cnn_readings=[
            write(tmp_path / f"cnn-{n}.parquet", n, read, n_frames=2, side=CNN, frames="50 ms")
            for n, read in of_cnn.items()
        ],
        sweeps=[],
        layers=[],
        curves=[],
        frames_rows=[],
        chosen=nothing_chosen,
        index=index,
        power=Power(),
        step_ms=10.0,
        source="simulated",
        classes=["car", "tree"],
        scales={"plain": [1.0]},
        methods={"plain": "rescaled"},
        cnns={"plain": "plain"},
        guests={},
        given=[],
        outputs={name: tmp_path / f"{name}.out.csv" for name in GATHERED},
    )
    gather_tables(job)

    predictions = read_table(job.outputs["predictions"], "predictions")
    assert predictions["seed"].tolist() == [1, 1, 1, 2, 2, 2]
    assert predictions["label"].tolist() == ["tree", "tree", "car"] * 2
    assert predictions["predicted"].tolist() == ["car", "", "car", "tree", "car", ""]
    assert predictions["cnn_predicted"].tolist() == ["tree", "car", "", "tree", "tree", "tree"]
    assert predictions["silent"].tolist() == [0, 1, 0, 0, 0, 1]
    assert set(predictions["n_steps"]) == {10}
    assert set(predictions["synops"]) == {600}

    evaluation = read_table(job.outputs["evaluation"], "evaluation")
    assert evaluation["accuracy"].tolist() == pytest.approx([1 / 3, 1 / 3])
    assert evaluation["cnn_accuracy"].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert evaluation["synops_per_recording"].tolist() == [600, 600]
    assert evaluation["side"].tolist() == ["spiking", "spiking"]
    # 600 SynOps of 10 pJ.
    assert evaluation["energy_uj"].tolist() == pytest.approx([0.006, 0.006])
