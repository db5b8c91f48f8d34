"""Which readings of a file the result tables are gathered from."""

from types import SimpleNamespace

import pandas as pd
import pytest
from method_readings import first, make_readings

from dvs_snn.analysis.choice import Quoted
from dvs_snn.analysis.gathering import Marking, picked_readings
from dvs_snn.evaluation.readings import MACS, growing_readings
from dvs_snn.files.tables import schema
from dvs_snn.recordings.plausibility.ranges import SYNOPS
from dvs_snn.settings.set_names import VALIDATION


def test_validation_picks_the_frames_of_the_cnn_for_every_set(tmp_path):
    """On the test set, which stands first in the file, the other frames read more."""
    hits = {"test": {"50 ms": 2, "3000 events": 9}, VALIDATION: {"50 ms": 8, "3000 events": 7}}
    with growing_readings(tmp_path / "cnn.parquet") as add:
        for name, of_frames in hits.items():
            tables = [
                make_readings(name, "plain", first(number, n=10), [100], [0.0]).assign(
                    frames=frames, unit=MACS, operations_nonzero=50
                )
                for frames, number in of_frames.items()
            ]
            add(pd.concat(tables))
    picked = picked_readings([tmp_path / "cnn.parquet"])
    right = {name: int(table["correct"].sum()) for (name, _, _), table in picked.items()}
    assert right == {"test": 2, VALIDATION: 8}


def test_a_networks_usual_cost_of_an_event_is_that_on_validation(tmp_path):
    with growing_readings(tmp_path / "r.parquet") as add:
        for name, synops in (("test", 9000), (VALIDATION, 5000)):
            add(make_readings(name, "plain", first(1, n=3), [synops], [1.0]))
    job = SimpleNamespace(
        methods={"plain": "rescaled"},
        guests={},
        facts=[],
        readings=[tmp_path / "r.parquet"],
        scales={"plain": [1.0]},
    )
    nothing_chosen = Quoted(pd.DataFrame(columns=list(schema("stored_choice"))))
    (rows,) = Marking.of(job, nothing_chosen).on_validation.values()
    # 5,000 SynOps on 1,000 events.
    assert rows[SYNOPS].tolist() == pytest.approx([5.0] * 3)
