"""A training that was cut off ends with the bytes of one that wasn't; nothing unfit is used."""

import io
import json
import logging
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dvs_snn.datasets.frame_store import frame_writer
from dvs_snn.datasets.samples import BinnedRecording
from dvs_snn.events.frames import Frame
from dvs_snn.events.steps import StepEvents
from dvs_snn.files.hashes import seal
from dvs_snn.files.job import Progress
from dvs_snn.networks import architectures as model
from dvs_snn.networks.conversion import save_weights
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.training import AffineRanges, Variant
from dvs_snn.training import of_store
from dvs_snn.training.loop import train
from dvs_snn.training.material import StoredMaterial
from dvs_snn.training.materials.frames import Frames
from dvs_snn.training.materials.recordings import Recordings
from dvs_snn.training.of_store import train_on_store
from dvs_snn.training.resumption import ResumeFile, discard, key_of

CPU = torch.device("cpu")
EPOCHS = 4
# Everything that draws or changes with time is on.
SETTINGS = Variant(
    epochs=EPOCHS, batch_size=16, learning_rate=0.0015, schedule="cosine", affine=AffineRanges(),
    shards=3, dropout=0.3, averaging=0.9, warmup=0.3,
)  # fmt: skip


class PowerCut(BaseException):
    """What ends a training in the tests: nothing of the study catches it."""


class CutFile(ResumeFile):
    """A resume file after whose n-th writing the power fails."""

    left = 1

    def save(self, state, course) -> None:
        super().save(state, course)
        object.__setattr__(self, "left", self.left - 1)
        if not self.left:
            raise PowerCut


@pytest.fixture(autouse=True)
def small() -> Iterator[None]:
    """A network that trains within a second, offered as `small`."""

    def small() -> nn.Sequential:
        network = nn.Sequential(
            nn.AvgPool2d(8), nn.Conv2d(1, 8, 3, bias=False), nn.ReLU(), nn.Dropout2d(0.1),
            nn.Flatten(), nn.Linear(288, 10, bias=False), nn.ReLU(),
        )  # fmt: skip
        nn.init.uniform_(network[5].weight, 0.0, 0.05)
        return network

    model.network(small)
    yield
    del model._NETWORKS["small"]


def _frames() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    labels = np.arange(80) % 10
    frames = rng.integers(0, 3, (80, 1, 64, 64)).astype(np.uint8)
    for frame, label in zip(frames, labels, strict=True):
        frame[0, 4 + 12 * (label // 2) :, 20 + 20 * (label % 2) :][:10, :10] += 9
    return frames, labels


def _recordings() -> list[BinnedRecording]:
    """The frames in two or three time steps each: every pixel's events in one of them."""
    found = []
    for number, (frame, label) in enumerate(zip(*_frames(), strict=True)):
        places = np.indices((64, 64)).reshape(2, -1)
        row, column = (place.repeat(frame[0].ravel()) for place in places)
        n_steps = 2 + number % 2
        step = np.sort((row + column) % n_steps)
        steps = StepEvents(step, row, column, n_steps, 0)
        found.append(BinnedRecording(str(number), "", int(label), "", steps, 0, 0.03))
    return found


def _trained_bytes(
    folder: Path, resume: ResumeFile | None, settings: Variant = SETTINGS
) -> tuple[bytes, list]:
    """Train and return the bytes of the weights file, and the curve."""
    frames, labels = _frames()
    rows = np.arange(80)
    material = Frames(frames, labels, rows[:60], rows[60:])
    if settings.through_time:
        material = Recordings(_recordings()[:60], material)
    start = None
    if settings.start:
        with torch.random.fork_rng():
            torch.manual_seed(9)
            start = model.build_network("small")
    trained = train(
        "small", material, settings, NeuronParameters(0.5, -1.0), start, 1, 1,
        Progress(io.StringIO()), resume,
    )  # fmt: skip
    path = folder / "weights.safetensors"
    save_weights(path, "small", trained.model, kept_epoch=trained.kept_epoch)
    return path.read_bytes(), trained.curve


def _cut(path: Path, after: int, key: str = "k", settings: Variant = SETTINGS) -> None:
    file = CutFile(path, key)
    object.__setattr__(file, "left", after)
    with pytest.raises(PowerCut):
        _trained_bytes(path.parent, file, settings)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict:
    return {}


@pytest.fixture
def undisturbed(tmp_path, whole) -> tuple[bytes, list]:
    if not whole:
        whole["is"] = _trained_bytes(tmp_path, None)
    return whole["is"]


@pytest.mark.parametrize("after", range(1, EPOCHS + 1))
def test_cut_after_any_epoch_the_weights_are_the_same_bytes(tmp_path, undisturbed, after, caplog):
    resume = tmp_path / "resume.pt"
    _cut(resume, after)
    with caplog.at_level(logging.INFO, logger="progress"):
        assert _trained_bytes(tmp_path, ResumeFile(resume, "k")) == undisturbed
    said = [record.message.split(":")[0] for record in caplog.records]
    expected = [f"epoch {epoch} of {EPOCHS}" for epoch in range(after + 1, EPOCHS + 1)]
    assert said == [f"goes on after epoch {after}, where it was cut off", *expected]


@pytest.mark.parametrize("method", ["synop-loss", "bptt"])
def test_trainings_of_other_methods_repeat_and_go_on_to_the_same_bytes(tmp_path, method):
    settings = replace(
        SETTINGS, method=method, start="plain", start_scale=0.9, synops=20_000.0,
        synops_start=80_000.0, epochs=2,
    )  # fmt: skip
    first = _trained_bytes(tmp_path, None, settings)
    _cut(tmp_path / "resume.pt", 1, settings=settings)
    assert _trained_bytes(tmp_path, ResumeFile(tmp_path / "resume.pt", "k"), settings) == first
    # Each of these matters.
    for changes in ({"start_scale": 1.1}, {"synops": 1e9}, {"synops_weight": 1.0}):
        assert _trained_bytes(tmp_path, None, replace(settings, **changes))[0] != first[0]


def test_a_training_with_soap_goes_on_to_the_same_bytes(tmp_path):
    """Its basis is found anew every 10 steps; the cut comes after four."""
    settings = replace(SETTINGS, optimizer="soap")
    whole = _trained_bytes(tmp_path, None, settings)
    _cut(tmp_path / "resume.pt", 1, settings=settings)
    assert _trained_bytes(tmp_path, ResumeFile(tmp_path / "resume.pt", "k"), settings) == whole
    assert whole != _trained_bytes(tmp_path, None)


def test_cut_again_and_again_the_weights_are_the_same_bytes(tmp_path, undisturbed):
    for _ in range(EPOCHS):
        _cut(tmp_path / "resume.pt", 1)
    assert _trained_bytes(tmp_path, ResumeFile(tmp_path / "resume.pt", "k")) == undisturbed
    discard(tmp_path / "resume.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["weights.safetensors"]


def _forget(saved: dict, *keys: str) -> None:
    """Set a part of the saved state to what it is in a training that starts."""
    state = saved["state"]
    fresh = torch.Generator().manual_seed(0).get_state()
    if keys == ("optimizer",):
        state["optimizer"]["state"] = {}
    elif keys == ("scheduler",):
        state["scheduler"]["last_epoch"] = 0
        for part in state["scheduler"]["_schedulers"]:
            part |= {"last_epoch": 0, "_step_count": 1}
    elif keys == ("best",):
        best, _, epoch = saved["course"]["kept"]
        zeros = {key: torch.zeros_like(value) for key, value in best.items()}
        saved["course"]["kept"] = (zeros, 2.0, epoch)
    elif keys == ("shuffle",):
        state["shuffle"] = json.dumps(np.random.PCG64(0).state)
    else:
        place = ["affine", "dropout"].index(keys[0])
        for drawn in state["shards"]:
            drawn[place] = fresh


@pytest.mark.parametrize("part", ["optimizer", "scheduler", "best", "shuffle", "affine", "dropout"])
def test_every_part_of_the_state_matters(tmp_path, undisturbed, part):
    resume = tmp_path / "resume.pt"
    _cut(resume, 2)
    saved = torch.load(resume, weights_only=True)
    _forget(saved, part)
    torch.save(saved, resume)
    seal([resume])
    assert _trained_bytes(tmp_path, ResumeFile(resume, "k"))[0] != undisturbed[0]


def test_the_file_of_another_training_is_not_used(tmp_path, undisturbed):
    _cut(tmp_path / "resume.pt", 2, key="of other params")
    assert _trained_bytes(tmp_path, ResumeFile(tmp_path / "resume.pt", "k")) == undisturbed


@pytest.mark.parametrize("damage", ["altered", "truncated", "emptied", "unrecorded"])
def test_a_damaged_file_is_not_used(tmp_path, undisturbed, damage, caplog):
    resume = tmp_path / "resume.pt"
    _cut(resume, 2)
    data = bytearray(resume.read_bytes())
    data[len(data) // 2] ^= 1
    resume.write_bytes({"altered": data, "truncated": data[:900], "emptied": b""}.get(damage, b"x"))
    if damage == "unrecorded":
        (tmp_path / ".resume.pt.sha256").unlink()
    assert _trained_bytes(tmp_path, ResumeFile(resume, "k")) == undisturbed
    assert "isn't used, training starts anew" in caplog.text


class _Evil:
    def __reduce__(self):
        return (Path.touch, (Path("evil-ran"),))


def test_a_file_that_holds_code_runs_none_of_it(tmp_path, undisturbed, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "resume.pt").write_bytes(pickle.dumps({"key": "k", "state": _Evil()}, protocol=2))
    seal([tmp_path / "resume.pt"])
    assert _trained_bytes(tmp_path, ResumeFile(tmp_path / "resume.pt", "k")) == undisturbed
    assert not (tmp_path / "evil-ran").exists()


def test_the_key_changes_with_params_code_data_and_the_optimizers_version(tmp_path, monkeypatch):
    code, data = tmp_path / "code.py", tmp_path / "data.npy"
    code.write_text("1")
    data.write_text("2")

    def key(seed: int = 1) -> str:
        return key_of({"seed": seed}, [code], [data])

    first = key()
    assert key() == first
    assert key(seed=2) != first
    code.write_text("3")
    second = key()
    assert second != first
    data.write_text("4")
    third = key()
    assert third not in (first, second)
    monkeypatch.setattr("dvs_snn.training.resumption.version", lambda package: f"{package} 0")
    assert key() not in (first, second, third)


def test_training_on_a_store_goes_on_only_with_the_same_params_code_data_and_device(
    tmp_path, monkeypatch, caplog
):
    frames, labels = _frames()
    with frame_writer(tmp_path / "frames.npy", tmp_path / "index.csv") as writer:
        for i, (frame, label) in enumerate(zip(frames, labels, strict=True)):
            part = "validation" if i % 4 == 3 else "train"
            writer.append(Frame(frame, 0, 9, int(frame.sum()), 0), f"r{i}", f"s{i}", label, part)
    stored = StoredMaterial(tmp_path / "frames.npy", tmp_path / "index.csv")
    code = tmp_path / "code.py"
    code.write_text("1")

    def run(seed: int = 1) -> bool:
        """Train and return whether it went on from the file."""
        caplog.clear()
        with caplog.at_level(logging.INFO, logger="progress"):
            train_on_store(
                "small", stored, SETTINGS, NeuronParameters(), seed, 1, Progress(io.StringIO()),
                tmp_path / "resume.pt", [code],
            )  # fmt: skip
        return "goes on after" in caplog.text

    assert [run(), run(), run(seed=2), run(seed=2)] == [False, True, False, True]
    code.write_text("2")
    assert [run(seed=2), run(seed=2)] == [False, True]
    index = tmp_path / "index.csv"
    index.write_text(index.read_text().replace("validation", "train", 1))
    assert [run(seed=2), run(seed=2)] == [False, True]
    monkeypatch.setattr(of_store, "device_name", lambda device: "another")
    assert [run(seed=2), run(seed=2)] == [False, True]
