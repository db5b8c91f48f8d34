"""What is told about two engines that agree, and about two that don't."""

import numpy as np
import pandas as pd
import pytest
import torch
from jobs import quiet
from made_recordings import of_digit

from dvs_snn.engines.response import Response
from dvs_snn.engines.verification import (
    Compared,
    VerifyJob,
    agreement,
    check,
    compare_responses,
    verify,
)
from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import read_table
from dvs_snn.networks import architectures as model
from dvs_snn.networks.conversion import as_spiking
from dvs_snn.networks.spiking_network import save_spiking
from dvs_snn.networks.synops import LayerActivity
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, store_recordings
from dvs_snn.settings.inference import InferenceSettings
from dvs_snn.settings.network_settings import NeuronParameters

torch.set_num_threads(1)


def _comparison(**columns) -> pd.DataFrame:
    row = {
        "recording": "A", "scale": 1.0, "entries": 10000, "entries_differing": 0,
        "synops_event": 10**6, "synops_sinabs": 10**6,
        "predicted_event": 3, "predicted_sinabs": 3, "synops_differing": 0,
    }  # fmt: skip
    length = max((len(values) for values in columns.values()), default=1)
    return pd.DataFrame({key: columns.get(key, [value] * length) for key, value in row.items()})


def test_rows_say_where_two_responses_differ():
    def response(spikes, step_synops: list[int]) -> Response:
        table = np.zeros((4, 10), dtype=np.int64)
        for step, digit, n in spikes:
            table[step, digit] = n
        activity = LayerActivity("fc1", 5, 5, 10, sum(step_synops), 0, 0)
        return Response(table, (activity,), np.array(step_synops))

    event = response([(0, 3, 4), (1, 7, 1)], [30, 20, 0, 0])
    sinabs = response([(0, 3, 3), (2, 7, 1)], [25, 0, 15, 0])
    silent = response([], [7, 0, 0, 0])
    first = compare_responses("A", 1.0, event, sinabs)
    second = compare_responses("B", 1.0, silent, silent)
    comparison = pd.DataFrame([first, second])
    assert comparison["entries_differing"].tolist() == [3, 0]
    assert (first["synops_event"], first["synops_sinabs"]) == (50, 40)
    assert first["predicted_event"] == 3
    assert comparison["predicted_event"].isna().tolist() == [False, True]
    # 5 of the first step, 20 of the second, 15 of the third.
    assert comparison["synops_differing"].tolist() == [40, 0]
    assert list(agreement(comparison).values()) == [3 / 80, 40 / 47, 0]


def _predicting(n: int, n_differing: int) -> pd.DataFrame:
    digits = [4] * n_differing + [3] * (n - n_differing)
    return _comparison(predicted_event=digits)


def test_figures_at_their_bounds_pass():
    for comparison in (
        # One run may differ at will, all others together in a thousandth.
        _comparison(entries_differing=[500, 20], synops_differing=[9000, 200]),
        _comparison(predicted_event=[4]),
        _comparison(predicted_event=[None], predicted_sinabs=[None]),
        _predicting(20, 1), _predicting(2000, 2),
    ):  # fmt: skip
        assert check(comparison) == agreement(comparison)


@pytest.mark.parametrize(
    ("comparison", "told"),
    [
        (_comparison(entries_differing=[500, 21]), "output entries"),
        # Their sums agree, but not step by step.
        (_comparison(synops_differing=[9000, 201]), "SynOps"),
        # Silent networks that speak in the other engine.
        (_comparison(predicted_event=[None, None]), "engine: sinabs"),
        # Only one prediction in a thousand may differ.
        (_predicting(20, 2), "share of 0.1 of the predictions .* at most 0.05"),
        (_predicting(2000, 3), "share of 0.0015 of the predictions"),
    ],
)
def test_figures_beyond_their_bounds_are_errors(comparison, told):
    with pytest.raises(StudyError, match=told):
        check(comparison)


def test_networks_are_compared_one_by_one_under_their_names(tmp_path):
    paths = [tmp_path / f"{number}.safetensors" for number in range(2)]
    for number, path in enumerate(paths):
        torch.manual_seed(number)
        network = model.build_network("tutorial")
        save_spiking(as_spiking("tutorial", network, NeuronParameters()), path)
    recordings = [StoredRecording(name, "0/0", 0, "", "", of_digit(3, 600, 3)) for name in "abcde"]
    files = [tmp_path / name for name in ("set.npy", "set.csv")]
    store_recordings(recordings, *files)
    job = VerifyJob(
        networks=paths,
        compared=[Compared("plain", 1, [1.0, 2.0]), Compared("with~tilde", 12, [1.0, 2.0])],
        events=files[0],
        recorded=files[1],
        placements={"": Placement()},
        recordings=2,
        inference=InferenceSettings(),
        classes=["zero", *"123456789"],
        table=tmp_path / "table.csv",
    )
    verify(job, quiet())
    table = read_table(tmp_path / "table.csv", "verification")
    assert table[["variant", "seed"]].drop_duplicates().to_numpy().tolist() == [
        ["plain", 1], ["with~tilde", 12]
    ]  # fmt: skip
    assert table["recording"].tolist() == [*["a", "e"] * 2, "a", "e"] * 2
    assert table["timing"].tolist() == [*["steps"] * 4, *["events"] * 2] * 2
    assert (table["entries"] > 0).all()
    assert set(table["predicted_event"]) <= {"", "zero", *"123456789"}
