"""Trains a variant of the study on what the workflow stored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dvs_snn.datasets.frame_store import open_frames, read_index, split_rows
from dvs_snn.datasets.step_store import open_steps
from dvs_snn.files.job import Progress
from dvs_snn.networks.conversion import load_weights
from dvs_snn.networks.devices import choose_device, device_name
from dvs_snn.settings.conversion import NeuronParameters
from dvs_snn.settings.variants import Variant
from dvs_snn.training.loop import Trained, choose_precision, train
from dvs_snn.training.material import Frames, Material, Recordings
from dvs_snn.training.measures import dead_units
from dvs_snn.training.resumption import ResumeFile, key_of


@dataclass(frozen=True)
class StoredMaterial:
    """The files that a training reads.

    Attributes:
        frames, index: the frame store; a training through time only validates on it.
        steps, table: the training recordings in time steps, for a training through time.
        start: weights of the network from which it starts.
    """

    frames: Path
    index: Path
    steps: Path | None = None
    table: Path | None = None
    start: Path | None = None

    def files(self) -> list[Path]:
        """Return those that are there."""
        return [path for path in vars(self).values() if path]

    def open(self) -> tuple[Material, Frames]:
        """Open what is trained on, and the frames."""
        index = read_index(self.index, ["label", "split"])
        rows = (split_rows(index, "train"), split_rows(index, "validation"))
        frames = Frames(open_frames(self.frames), index["label"].to_numpy(), *rows)
        if self.steps is None:
            return frames, frames
        return Recordings(list(open_steps(self.steps, self.table)), frames), frames


def train_on_store(
    name: str,
    stored: StoredMaterial,
    settings: Variant,
    neurons: NeuronParameters,
    seed: int,
    replicate: int,
    progress: Progress,
    resume_path: Path | None = None,
    code: Sequence[Path] = (),
) -> Trained:
    """Train on stored frames or recordings and choose the epoch on the validation frames.

    An interrupted training of the same params, `code` and data goes on after its last epoch, from
    `resume_path`. The caller deletes that file once the results are written.
    """
    device = choose_device(settings.device, "training.device")
    params = {
        "network": name,
        "settings": asdict(settings),
        "neurons": asdict(neurons),
        "seed": seed,
        "replicate": replicate,
        "device": [device.type, device_name(device)],
        "precision": str(choose_precision(settings.precision, device)),
    }
    resume = None
    if resume_path:
        resume = ResumeFile(resume_path, key_of(params, code, stored.files()))
    start = load_weights(stored.start)[1] if stored.start else None
    material, frames = stored.open()
    trained = train(
        name, material, settings, neurons, start, seed, replicate, progress, resume
    )  # fmt: skip
    if len(frames.validation_rows):
        dead = dead_units(name, trained.model, frames.frames, frames.validation_rows)
        told = ", ".join(f"{layer} {n} of {units}" for layer, (n, units) in dead.items())
        progress.say(f"units that no validation frame drives above zero: {told}")
    return trained
