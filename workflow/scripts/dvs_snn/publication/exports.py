"""Writes the quoted networks of whole numbers as NIR files, and the spikes that they should fire.

A folder of a network holds `network.nir` and `expected.npz`. Arrays of the latter:

- `step_ms`, the time step; `initial_v_mem`, where potentials start, a share of the threshold;
  `min_v_mem`, the lower bound of each layer's potential. NIR knows none of them, so the last two
  stand in the metadata of its neurons too.
- `classes`, what the outputs stand for; `label`, the right output of each recording.
- `t_0`, `row_0`, `column_0`: events of recording 0 on the network's pixels; t in microseconds from
  the first one. `output_0`: spikes (time, output); `spikes_0`: all spikes of each layer.

They run in time steps, whatever the study's timing is. A chip knows no steps: it takes events one
by one and clips potentials at each of them, so its spikes differ from these. Nothing here clips
potentials at 16 bits.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dvs_snn.analysis.choice import Quoted
from dvs_snn.engines.kinds.own.layout import lay_out
from dvs_snn.files.atomic import scratch_folder
from dvs_snn.files.job import Progress
from dvs_snn.networks.discretisation import discretise
from dvs_snn.networks.nir_file import write_nir
from dvs_snn.networks.spiking_network import SpikingNetwork, load_spiking
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.store.event_store import StoredRecording, open_store


def expected_spikes(
    network: SpikingNetwork,
    recordings: Sequence[StoredRecording],
    step_ms: float,
    classes: Sequence[str],
) -> dict[str, np.ndarray]:
    """Return the arrays of ``expected.npz``: recordings, and the spikes that they cause."""
    spiking = lay_out(network)
    arrays = {
        "step_ms": np.array(step_ms),
        "initial_v_mem": np.array(network.initial),
        "min_v_mem": np.array([part.lower_bound for part in network.parts]),
        "classes": np.array(classes),
        "label": np.array([recording.label for recording in recordings], np.int64),
    }
    for i, recording in enumerate(recordings):
        response = spiking.run(recording.in_steps(round(step_ms * 1000)).steps)
        placed = recording.placed
        arrays[f"t_{i}"] = (placed.t - placed.t_first).astype(np.int64)
        arrays[f"row_{i}"] = placed.row.astype(np.uint8)
        arrays[f"column_{i}"] = placed.column.astype(np.uint8)
        arrays[f"output_{i}"] = response.spikes
        arrays[f"spikes_{i}"] = np.array([layer.spikes_out for layer in response.layers])
    return arrays


@dataclass(frozen=True)
class ExportJob:
    """What the rule `export` gives.

    Attributes:
        names: ``<variant>~<seed>`` of each of the `networks`.
        events, recorded, placements: the stored set whose recordings stand beside each network.
        recordings: how many of them.
    """

    networks: list[Path]
    names: list[str]
    choice: Path
    events: Path
    recorded: Path
    placements: dict[str, Placement]
    recordings: int
    step_ms: float
    classes: list[str]
    folder: Path


def export(job: ExportJob, progress: Progress) -> None:
    """Write every quoted network to ``<folder>/<variant>/seed-<seed>``; all appear or none."""
    quoted = Quoted.read(job.choice)
    shown = open_store(job.events, job.recorded, job.placements).evenly(job.recordings)
    with scratch_folder(job.folder) as scratch:
        whole = scratch / "exports"
        whole.mkdir()
        for name, path in zip(job.names, job.networks, strict=True):
            variant, seed = name.rsplit("~", 1)
            for scale in quoted.scales_of(variant).values():
                network = discretise(load_spiking(path), scale)
                place = whole / variant / f"seed-{seed}"
                place.mkdir(parents=True)
                write_nir(network, place / "network.nir")
                expected = expected_spikes(network, shown, job.step_ms, job.classes)
                # Its own arguments are no arrays, which numpy declares of these too.
                np.savez_compressed(place / "expected.npz", **expected)  # type: ignore[arg-type]
                progress.say(f"{variant}, seed {seed}, at scale {scale:.2f}")
        if job.folder.exists():
            shutil.rmtree(job.folder)
        whole.rename(job.folder)
