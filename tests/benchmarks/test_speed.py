"""The pure parts of the benchmark, and that each contestant runs the same network as sinabs."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from speed import machine, material, parts, report
from speed.crew import interleaved, together
from speed.engines import LAYOUTS, PEERS, Engine, available
from speed.worker import train

from dvs_snn.networks.architectures import build_network
from dvs_snn.networks.conversion import Converted
from dvs_snn.recordings.steps import StepEvents
from dvs_snn.settings.conversion import NeuronParameters

torch.set_num_threads(1)

SAME = [name for name in PEERS if name != "ann"]


def _network(min_v_mem: float | None = -1.0) -> Converted:
    """Return a network whose sums of weights are exact in float32, and whose neurons fire often."""
    torch.manual_seed(3)
    model = build_network("sorbaro").eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randint(-12, 17, parameter.shape) / 32)
    return Converted("sorbaro", model, NeuronParameters(1.0, min_v_mem))


def _recordings(*n_steps: int) -> list[StepEvents]:
    random = np.random.default_rng(5)
    made = []
    for n in n_steps:
        step = np.sort(random.integers(0, n, 60 * n))
        row, column = random.integers(20, 44, (2, len(step)))
        made.append(StepEvents(step, row, column, n, 0))
    return made


@pytest.fixture(scope="module")
def recordings() -> list[StepEvents]:
    """Return recordings of unequal length, one longer than what is fed at once."""
    return _recordings(5, 33, 4)


@pytest.fixture(scope="module")
def reference(recordings) -> list[np.ndarray]:
    """Return what sinabs answers."""
    answers = Engine("sinabs", _network(), 1.0, 2).answer(recordings)
    assert all(answer.sum() > 0 for answer in answers)
    return answers


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", SAME)
def test_a_peer_gives_sinabs_spikes_to_the_last(name, layout, recordings, reference):
    pytest.importorskip(PEERS[name][0])
    engine = Engine(name, _network(), 1.0, 2, layout)
    for _ in range(2):  # nothing is left over from one run to the next
        for found, expected in zip(engine.answer(recordings), reference, strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", ["event", "sinabs-steps"])
def test_the_study_and_sinabs_step_by_step_give_the_same(name, recordings, reference):
    engine = Engine(name, _network(), 1.0, 2)
    for found, expected in zip(engine.answer(recordings), reference, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", SAME)
def test_a_peer_runs_without_a_lower_bound_and_scales_the_first_layer(name):
    pytest.importorskip(PEERS[name][0])
    recordings = _recordings(4)
    expected = Engine("sinabs", _network(None), 2.0, 1).answer(recordings)
    found = Engine(name, _network(None), 2.0, 1, "steps").answer(recordings)
    np.testing.assert_array_equal(found[0], expected[0])


def test_the_dense_reference_is_the_cnn_on_every_step(recordings):
    converted = _network()
    for layout in LAYOUTS:
        found = Engine("ann", converted, 1.0, 2, layout).answer(recordings)
        expected = converted.cnn(torch.from_numpy(recordings[0].dense(0, 5))).detach()
        np.testing.assert_allclose(found[0], expected, rtol=1e-4, atol=1e-4)


def test_every_installed_contestant_has_a_title_and_recordings_survive_the_file(
    tmp_path, recordings
):
    assert {"event", "sinabs", "sinabs-steps", "ann"} <= set(available()) <= set(report.TITLES)
    material.save_steps(tmp_path / "r.npz", recordings)
    for found, expected in zip(material.load_steps(tmp_path / "r.npz"), recordings, strict=True):
        assert found.n_steps == expected.n_steps
        for key in ("step", "row", "column"):
            np.testing.assert_array_equal(getattr(found, key), getattr(expected, key))


def test_every_loop_of_training_runs_and_counts_the_images_that_it_computes(tmp_path):
    labels = np.arange(20) % 10
    random = np.random.default_rng(2)
    folder = material.save_frames(
        tmp_path, random.poisson(2.0, (20, 1, 64, 64)).astype(np.uint8), labels
    )
    plan = parts.Plan(repeats=1, recordings=3, few=1, threads=1, epochs=1)
    section = {"batch_size": 8, "learning_rate": 0.001, "loss_on": "potentials"}
    files = {
        "frames": tmp_path / "frames.npy",
        "folder": folder,
    }
    found = {}
    for name, how in parts.trainings(plan, section).items():
        # Another process would be needed for two workers.
        if how.get("workers") != 2:
            about = {key: value for key, value in how.items() if key != "side_by_side"}
            paths = {key: str(path) for key, path in files.items()}
            found[name] = train(**about, **paths, seed=1, epochs=1)
    for name, answer in found.items():
        assert answer["frames"] == 20, name
        assert answer["seconds"] > 0


def test_repeats_interleave_and_a_failure_leaves_one_contestant_out(monkeypatch):
    monkeypatch.setattr("speed.crew.REST_S", 0.0)
    calls: list[str] = []

    def works(name: str) -> dict:
        calls.append(name)
        return {"seconds": 1.0}

    def fails() -> dict:
        raise RuntimeError("no such layer")

    said: list[str] = []
    tasks = {"a": lambda: works("a"), "b": lambda: works("b"), "c": fails}
    found = interleaved(tasks, 2, said.append)
    assert calls == ["a", "b", "b", "a"]
    assert {name: len(rows) for name, rows in found.items()} == {"a": 2, "b": 2}
    assert any("c failed" in line and "no such layer" in line for line in said)


def test_a_contestant_that_fails_says_why(tmp_path, recordings):
    material.save_steps(tmp_path / "r.npz", recordings)
    network, stored = str(tmp_path / "none.safetensors"), str(tmp_path / "r.npz")
    request = {"do": "infer", "engine": "event", "network": network, "recordings": stored}
    with pytest.raises(RuntimeError, match="StudyError"):
        together([request | {"chosen": [0]}])


def _inference_rows() -> list[dict]:
    common = {
        "condition": 0, "scale": 1.0, "threads": 2, "recordings": 10, "n": 10,
        "batch_size": 10, "layout": "steps", "peak_mb": 400.0, "digits_equal": 10,
        "spikes_equal": 10.0,
    }  # fmt: skip
    speeds = {"event": 1800.0, "sinabs": 200.0, "norse": 300.0, "ann": 900.0}
    return [
        common | {"engine": name, "min": v - 1, "median": v, "max": v + 1}
        for name, v in speeds.items()
    ]


def _training_rows() -> list[dict]:
    speeds = {
        "tutorial, one process": ("tutorial", 100.0),
        "tutorial, two workers": ("tutorial", 160.0),
        "ours, as the tutorial, float32, 1 thread": ("ours", 450.0),
    }
    return [
        {"contestant": name, "loop": loop, "threads": 1, "batch_size": 256, "min": v, "median": v,
         "max": v, "peak_mb": 500.0, "loss": 1.5,
         "loss_min": 1.4, "loss_max": 1.6}
        for name, (loop, v) in speeds.items()
    ]  # fmt: skip


def test_the_page_is_made_of_whatever_parts_there_are():
    about = {
        "date": "2030-01-02", "origin": "a network", "repeats": 5, "loads": {"inference": "0.10"},
        "machine": {"processor": "P", "features": "avx2", "cores": 2, "memory_gb": 4,
                    "system": "Linux", "versions": {"torch": "2"}},
    }  # fmt: skip
    found = {"inference": _inference_rows(), "training": _training_rows()}
    page = report.markdown(found, about)
    # The dense reference is no peer.
    assert "9.0 x sinabs, 6.0 x the best peer (norse)" in page
    ((name, times),) = report.training_ratios(_training_rows()).items()
    assert name.startswith("ours")
    assert times == pytest.approx((4.5, 450 / 160))


def test_the_machine_is_described_without_its_name():
    about = machine.describe()
    # torch itself adds how it was built: 2.15.0+cu132 is installed as 2.15.0.
    release = about["versions"]["torch"].partition("+")[0]
    assert release == torch.__version__.partition("+")[0]
    assert about["cores"] >= 1
    assert math.isfinite(about["memory_gb"])
    text = str(about)
    assert machine.platform.node() not in text or not machine.platform.node()
    assert str(Path.home()) not in text
