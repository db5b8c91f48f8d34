"""A training that was cut off ends with the bytes of one that wasn't; nothing unfit is used."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from jobs import quiet
from small_networks import offered
from small_trainings import (
    block_frames,
    coarse_network,
    stored,
    three_to_one,
    trained,
    weights_of,
)

from dvs_snn.networks import architectures as model
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.recordings.store.event_store import BinnedRecording
from dvs_snn.settings.network_settings import NeuronParameters
from dvs_snn.settings.training_settings import AffineRanges, Variant
from dvs_snn.training import variant_weights
from dvs_snn.training.material import RecordingMaterial, Task
from dvs_snn.training.resumption import ResumeFile
from dvs_snn.training.variant_weights import TrainJob, train_variant

# Everything that draws or changes with time is on.
SETTINGS = Variant(
    epochs=4, batch_size=16, learning_rate=0.0015, schedule="cosine", affine=AffineRanges(),
    dropout=0.3, averaging=0.9, warmup=0.3,
)  # fmt: skip
COUNTED = {"start": "plain", "synops": 20_000.0, "synops_start": 80_000.0, "epochs": 2}


class PowerCut(BaseException):
    """What ends a training in the tests: nothing of the study catches it."""


class CutFile(ResumeFile):
    """A resume file after whose writing for epoch `after` the power fails."""

    after = 0

    def save(self, state) -> None:
        super().save(state)
        if len(state["curve"]) == self.after:
            raise PowerCut


@pytest.fixture(autouse=True)
def small() -> Iterator[str]:
    """A network that trains within a second."""
    with offered(coarse_network, "small") as name:
        yield name


class Recorded:
    """Recordings whose time steps can be drawn anew; `lengths` in µs are those that were."""

    lengths: tuple[int, ...] = ()

    def __len__(self) -> int:
        return 80

    def in_steps(self, step_us: int) -> list[BinnedRecording]:
        self.lengths += (step_us,)
        return _recordings(step_us)


def _recordings(step_us: int) -> list[BinnedRecording]:
    """The frames in a few time steps each: every pixel's events in one of them."""
    recordings = []
    for number, (frame, label) in enumerate(zip(*block_frames(80, 3), strict=True)):
        places = np.indices((64, 64)).reshape(2, -1)
        row, column = (place.repeat(frame[0].ravel()) for place in places)
        n_steps = 2 + number % 2 + step_us % 3
        step = np.sort((row + column) % n_steps)
        steps = StepEvents(step, row, column, n_steps, 0)
        recordings.append(BinnedRecording(str(number), "", int(label), "", steps, 0, 0.03))
    return recordings


def _trained(resume: ResumeFile | None = None, settings: Variant = SETTINGS) -> tuple:
    """Train; return the weights' bytes, the curve and the epoch that was kept."""
    material = three_to_one(*block_frames(80, 3))
    if settings.through_time:
        material = RecordingMaterial(Recorded(), 0, material)
    start = None
    if settings.start:
        with torch.random.fork_rng():
            torch.manual_seed(9)
            start = model.build_network("small")
    neurons = NeuronParameters(0.5, -1.0)
    network = trained("small", material, settings, neurons=neurons, start=start, resume=resume)
    return weights_of(network), network.curve, network.kept_epoch


def _cut(path: Path, after: int, settings: Variant = SETTINGS) -> None:
    file = CutFile(path, "k")
    object.__setattr__(file, "after", after)
    with pytest.raises(PowerCut):
        _trained(file, settings)


@pytest.mark.parametrize(
    "changes",
    [
        # Its basis is new every 10 steps; the cuts come after four and eight.
        {"optimizer": "soap"},
        {"method": "qcfs", "start": "plain"},
        {"method": "bptt", **COUNTED},
        {"method": "bptt", **COUNTED, "drawn_step_ms": (1.0, 10.0)},
        {"method": "quantised", "start": "plain", "frame_steps": 2, "epochs": 2},
        {"method": "pruned", "start": "plain", "epochs": 2},
    ],
    ids=["soap", "qcfs", "bptt", "drawn", "split", "pruned"],
)
def test_cut_again_and_again_the_weights_are_the_same_bytes(tmp_path, changes):
    settings = replace(SETTINGS, **changes)
    for after in range(1, settings.epochs + 1):
        _cut(tmp_path / "resume.pt", after, settings)
    _cut(tmp_path / "once.pt", 1, settings)
    whole = _trained(settings=settings)
    assert _trained(ResumeFile(tmp_path / "resume.pt", "k"), settings) == whole
    assert _trained(ResumeFile(tmp_path / "once.pt", "k"), settings) == whole


def test_each_batch_has_time_steps_of_its_own_length_from_the_whole_range():
    recordings = Recorded()
    settings = replace(SETTINGS, method="bptt", **COUNTED, drawn_step_ms=(1.0, 10.0), batch_size=2)
    material = RecordingMaterial(recordings, 0, three_to_one(*block_frames(80, 3)))
    trained("small", material, settings)
    # Two epochs of 40 batches: half of the lengths lie below the geometric mean.
    lengths = np.array(recordings.lengths)
    assert len(set(recordings.lengths)) > 70
    assert 1000 <= lengths.min() < 1300 < 7700 < lengths.max() <= 10_000
    assert (lengths < 1000 * 10**0.5).mean() == pytest.approx(0.5, abs=0.15)


def test_an_unfit_file_is_not_used(tmp_path):
    resume = tmp_path / "resume.pt"
    _cut(resume, 2)
    assert ResumeFile(resume, "k").load() is not None
    assert ResumeFile(resume, "of another training").load() is None
    data = resume.read_bytes()
    for damaged in (data[:900], b"", b"of another version"):
        resume.write_bytes(damaged)
        assert ResumeFile(resume, "k").load() is None
    assert _trained(ResumeFile(resume, "k")) == _trained()


def test_training_on_a_store_goes_on_only_with_the_same_params_code_data_and_machine(
    tmp_path, monkeypatch, caplog
):
    frames, labels = block_frames(80, 3)
    splits = ["validation" if i % 4 == 3 else "train" for i in range(80)]
    store = stored(tmp_path, frames, labels, splits)

    def power_cut(*rows: object) -> None:
        raise PowerCut

    # The weights are there, the curve isn't.
    monkeypatch.setattr(variant_weights, "_write_curve", power_cut)

    def run(seed: int = 1, code: str = "1") -> bool:
        """Train and return whether it went on from the file."""
        caplog.clear()
        job = TrainJob(
            variant="plain",
            seed=1,
            task=Task("small", SETTINGS, NeuronParameters(), seed, 1, 10),
            code=code,
            step_ms=None,
            placements=None,
            frames=store[0],
            index=store[1],
            weights=tmp_path / "weights",
            curve=tmp_path / "curve.csv",
        )
        with caplog.at_level(logging.INFO, logger="progress"), pytest.raises(PowerCut):
            train_variant(job, quiet())
        return "goes on after" in caplog.text

    assert [run(), run(), run(seed=2), run(seed=2)] == [False, True, False, True]
    assert [run(code="2"), run(code="2"), run(), run()] == [False, True, False, True]
    index = tmp_path / "index.csv"
    index.write_text(index.read_text().replace("validation", "train", 1))
    assert [run(), run()] == [False, True]
    monkeypatch.setattr(variant_weights, "device_name", lambda device: "another")
    assert [run(), run()] == [False, True]
    monkeypatch.setattr("dvs_snn.training.resumption.version", lambda package: f"{package} 0")
    assert [run(), run()] == [False, True]
