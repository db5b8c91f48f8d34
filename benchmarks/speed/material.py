"""What all contestants share: one network and one list of binned recordings."""

import pickle
import shutil
from dataclasses import dataclass
from pathlib import Path

from dvs_snn.recordings.placement import placement_of
from dvs_snn.recordings.store.event_store import open_store
from dvs_snn.settings.study_settings import read_configs


@dataclass(frozen=True)
class Material:
    """Files that the workers read: a network and a pickled list of `StepEvents`."""

    network: Path
    recordings: Path
    n_recordings: int
    origin: str


def prepare(results: Path, scratch: Path, n_recordings: int) -> Material:
    """Gather a finished study's network and test recordings.

    Args:
        results: folder of the study's results.
        scratch: folder for files that the workers read.
        n_recordings: how many at most, evenly over the set.
    """
    settings = read_configs([results / "config.used.yaml"])
    # A copy: the study may run again meanwhile.
    network = shutil.copyfile(
        results / "work/networks/plain/seed-1.safetensors", scratch / "network.safetensors"
    )
    scenes = settings.simulation.scenes.items()
    placements = {name: placement_of(section) for name, section in scenes}
    stored = open_store(
        *(results / "work/events" / f"test.{end}" for end in ("npy", "csv")), placements
    )
    step_us = settings.inference.step_us
    recordings = [recording.in_steps(step_us).steps for recording in stored.evenly(n_recordings)]
    (scratch / "recordings.pickle").write_bytes(pickle.dumps(recordings))
    n = len(recordings)
    origin = f"the trained network of seed 1, {n} of {len(stored)} test recordings"
    return Material(network, scratch / "recordings.pickle", n, origin)
