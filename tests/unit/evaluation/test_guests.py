"""Networks from NIR files in a study: taken, laid on their input, checked against a chip."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import nir
import numpy as np
import pandas as pd
import pytest
from jobs import quiet
from made_recordings import from_columns
from nir_files import write_nir

from dvs_snn.evaluation.chip_check import CheckChipsJob, check_chips
from dvs_snn.evaluation.of_set import EvaluateJob, evaluate
from dvs_snn.files.errors import StudyError
from dvs_snn.files.hashes import sha256_of
from dvs_snn.files.tables import read_table, schema
from dvs_snn.networks.nir_guests import GuestJob, read_nir, take_guest
from dvs_snn.networks.spiking_network import load_spiking
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.store.event_store import SetPlacement, StoredRecording, store_recordings
from dvs_snn.settings.guests import Guest, check_guests
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.mistakes import validated

CLASSES = ["off", "on"]


@pytest.fixture
def given(tmp_path) -> Path:
    """A network on 4x4 pixels whose two outputs count half of the OFF and of the ON events."""
    weight = np.repeat(np.eye(2), 16, axis=1) / 2
    nodes = [
        nir.Input({"input": np.array([2, 4, 4])}),
        nir.Flatten({"input": np.array([2, 4, 4])}, start_dim=0),
        nir.Linear(weight),
        nir.IF(np.ones(2), np.ones(2)),
        nir.Output({"output": np.array([2])}),
    ]
    names = ["input", *"abc", "output"]
    edges = list(pairwise(names))
    nir.write(tmp_path / "theirs.nir", nir.NIRGraph(dict(zip(names, nodes, strict=True)), edges))
    return tmp_path / "theirs.nir"


def _recording(label: int, n: int) -> StoredRecording:
    """More events of one polarity than of the other, on 128x128 pixels."""
    p = np.repeat([label, 1 - label], [n, n // 2])
    raw = from_columns(np.arange(len(p)) * 700, np.arange(len(p)) % 128, 5, p.astype(bool))
    return StoredRecording(f"{label}/{n}", f"{label}/{n}", label, "", "", raw)


def test_the_lower_bound_is_the_settings_or_the_files_or_the_usual_one(given, tmp_path):
    def bounds(file: Path, asked: float | None) -> tuple:
        path = tmp_path / "network.safetensors"
        take_guest(GuestJob(file, "theirs", asked, -5.0, CLASSES, path))
        return tuple(part.lower_bound for part in load_spiking(path).parts)

    write_nir(read_nir(given, -2.0), tmp_path / "ours.nir")
    assert bounds(given, None) == (-5.0,)
    assert bounds(tmp_path / "ours.nir", None) == (-2.0,)
    assert bounds(tmp_path / "ours.nir", -1.0) == (-1.0,)
    with pytest.raises(StudyError, match="theirs.nir: its network has 2 outputs, expected 3, one"):
        take_guest(GuestJob(given, "theirs", None, -5.0, [*"abc"], tmp_path / "n"))


def test_a_set_lies_on_any_input_as_it_does_on_the_studys_networks():
    scene, shape = Placement(1.88, 90, "x"), (2, 32, 48)
    assert scene.on(shape) == Placement(0.94, 90, "x", shape)
    assert scene.on(shape, rotate=180, zoom=3.0) == Placement(3.0, 180, "x", shape)
    assert scene.on((1, 64, 64)) == scene
    raw = from_columns([0, 1, 2], [0, 127, 64], [0, 127, 64], [True, False, True])
    placed = place(raw, Placement(0.25, shape=shape))
    assert placed.column.tolist() == [8, 39, 24]
    assert placed.row.tolist() == [0, 31, 16]
    assert placed.channel.tolist() == [1, 0, 1]
    with pytest.raises(StudyError, match="has no polarity"):
        place(replace(raw, has_polarity=False), Placement(0.25, shape=shape))


def test_the_check_runs_a_network_in_steps_and_whole_numbers_beside_what_was_published(
    given, tmp_path
):
    recordings = [_recording(label, n) for label in (0, 1) for n in (40, 60, 80)]
    stored = tmp_path / "set.npy", tmp_path / "set.csv"
    store_recordings(recordings, *stored)
    network = tmp_path / "network.safetensors"
    take_guest(GuestJob(given, "theirs", None, -1.0, CLASSES, network))
    columns = ["sha256", *schema("chip_check")]
    rows = [(sha256_of(given), "cnn", "Speck"), ("0" * 64, "other", "Loihi")]
    published = pd.DataFrame(rows, columns=columns[:3]).reindex(columns=columns)
    published.to_csv(tmp_path / "published.tsv", sep="\t", index=False)
    guest = Guest(nir=str(given), trained_on={"real": ("0/40", "1/60")})

    def checked(guest: Guest) -> pd.DataFrame:
        job = CheckChipsJob(
            networks=[network],
            given=[given],
            names=["theirs"],
            guests=[guest],
            events=[stored[0]],
            recorded=[stored[1]],
            sets=[SetPlacement("real", {"": Placement(0.5)})],
            published=tmp_path / "published.tsv",
            threads=1,
            table=tmp_path / "table.csv",
        )
        check_chips(job, quiet())
        return read_table(tmp_path / "table.csv", "chip_check")

    table = checked(guest)
    assert set(table["network"]) == {"theirs"}
    ours = table[table["platform"] == "ours"]
    assert table["platform"].tolist() == ["ours"] * 6 + ["Speck"]
    assert ours["bits"].tolist() == [32] * 3 + [8] * 3
    assert ours["timing"].tolist() == ["steps", "steps", "events"] * 2
    assert ours["step_ms"].fillna(0).tolist() == [10, 1, 0] * 2
    assert (ours["accuracy"] == 1).all()
    assert (ours["n"] == 6).all()
    assert (ours["symbols_trained_on"] == 2).all()
    assert (ours["synops_per_3000_events"] == 6000).all()
    # Each output fires at every second of its events: (40 + 20 + 60 + 30 + 80 + 40) / 2 / 3.
    assert (ours["first_layer_spikes"] == 45).all()
    with pytest.raises(
        StudyError, match="variants.theirs.trained_on.real has .0/41., expected sym"
    ):
        checked(Guest(nir=str(given), trained_on={"real": ("0/41",)}))


def test_mistakes_in_the_settings_of_a_guest_are_told(given):
    symbols = {"test": {"0/1", "3/7"}, "validation": None}
    listed = {"test": ("3/7",), "validation": ("9/9",)}
    check_guests({"theirs": Guest(nir=str(given), trained_on=listed)}, symbols)
    check_guests({"theirs": Guest(nir=str(given), trained_on={"test": "all"})}, symbols)
    with pytest.raises(StudyError, match="variants.theirs.nir is 'no.nir', expected a NIR file"):
        check_guests({"theirs": Guest(nir="no.nir")}, symbols)
    with pytest.raises(StudyError, match="theirs.trained_on has 'train', expected sets of the stu"):
        check_guests({"theirs": Guest(nir=str(given), trained_on={"train": "all"})}, symbols)
    with pytest.raises(StudyError, match="theirs.trained_on.test has '3/8', .* such as 0/1, 3/7"):
        check_guests({"theirs": Guest(nir=str(given), trained_on={"test": ("3/8",)})}, symbols)
    with pytest.raises(StudyError, match="variants.theirs.epochs is not a known key"):
        validated(Guest, {"nir": "a.nir", "epochs": 3}, "config key variants.theirs.")


def test_a_placement_that_loses_much_of_a_set_ends_the_job(given, tmp_path):
    """The input of 4x4 pixels sees all of 128x128 at 1/32, and nearly nothing of it at 1."""
    stored = tmp_path / "set.npy", tmp_path / "set.csv"
    store_recordings([_recording(label, 300) for label in (0, 1)], *stored)
    network = tmp_path / "network.safetensors"
    take_guest(GuestJob(given, "theirs", None, -1.0, CLASSES, network))

    def evaluated(**guest: object) -> None:
        job = EvaluateJob(
            network=network,
            events=[stored[0]],
            recorded=[stored[1]],
            sets=[SetPlacement("real", {"": Placement(0.5)})],
            inference=InferenceSettings(),
            leads=[1],
            variant="theirs",
            seed=1,
            readings=tmp_path / "readings.parquet",
            layers=tmp_path / "layers.csv",
            stops=tmp_path / "stops.csv",
            stop_layers=tmp_path / "stop_layers.csv",
            guest=guest,
        )
        evaluate(job, quiet())

    evaluated(zoom=1 / 32)
    sentence = (
        "variants.theirs has .* by which 100 % of the events of the set real .* of 4x4 pixels"
    )
    with pytest.raises(StudyError, match=sentence):
        evaluated(zoom=1.0)
