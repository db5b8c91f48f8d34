"""From result files to figure files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.datasets.frame_store import open_frames, read_index, split_rows
from dvs_snn.events.recording import read_recording
from dvs_snn.files.arrays import stored_arrays
from dvs_snn.files.errors import StudyError
from dvs_snn.files.tables import read_table
from dvs_snn.report import figures
from dvs_snn.results.comparison import published_points
from dvs_snn.sources.split_table import open_recording, read_split
from dvs_snn.sources.symbol_lookup import find_symbol

N_GRID_FRAMES = 30


def _title(row: Mapping, note: str) -> str:
    return f"Recording {row['recording']}" + (f" ({note})" if note else "")


def draw_recording(
    row: Mapping,
    path: Path,
    from_file: bool,
    sensor_size: Sequence[int] | None,
    outputs: Mapping[str, Path],
) -> None:
    """Draw a recording's event strip, cloud and rate.

    Args:
        row: its row of the recordings table, with `data_note`, what its data are.
        path: its file, or the split table where its symbol is looked up.
    """
    size = (row["sensor_width"], row["sensor_height"]) if row["sensor_width"] else None
    if from_file:
        recording = read_recording(path, size)
    else:
        found = find_symbol(read_split(path), row["symbol"])
        recording = open_recording(found["file"], found["sha256"], size or sensor_size)
    events, title = recording.events, _title(row, row["data_note"])
    where = (recording.sensor_size, recording.has_polarity, title)
    columns = [events[key] for key in ("t", "x", "y", "p")]
    figures.save(figures.plot_event_strip(*columns, *where), outputs["strip"])
    figures.save(figures.plot_event_cloud(*columns, *where), outputs["cloud"])
    rate = figures.plot_event_rate(events["t"], events["p"], recording.has_polarity, title)
    figures.save(rate, outputs["rate"])


def draw_raster(row: Mapping, sweep_path: Path, recordings_path: Path, output: Path) -> None:
    """Draw a recording's output spikes at the quoted scale of the first seed and variant."""
    table = read_table(recordings_path)
    mine = table[(table["recording"] == row["recording"]) & (table["chosen"] == 1)]
    quoted = mine.iloc[0]
    try:
        sweep = stored_arrays(sweep_path)
        place = int(np.flatnonzero(np.isclose(sweep["scales"], quoted["scale"]))[0])
        spikes = [sweep[key][place] for key in ("spikes", "running", "sliding")]
        step_ms = float(sweep["step_us"]) / 1000
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise StudyError(
            f"{sweep_path}: is not a whole file of output spikes ({error}); delete it and run "
            "again."
        ) from error
    note = f"{quoted['variant']}, seed {quoted['seed']}, scale {quoted['scale']:.2f}"
    title = _title(row, "; ".join(filter(None, [row["data_note"], note])))
    label = "" if pd.isna(quoted["label"]) else int(quoted["label"])
    figures.save(figures.plot_output_raster(*spikes, step_ms, label, title), output)


def draw_frames(array_path: Path, index_path: Path, note: str, output: Path) -> None:
    """Draw training frames, three of each digit, evenly spaced over the store."""
    index = read_index(index_path, ["label", "split"])
    labels = index["label"].to_numpy()
    train = split_rows(index, "train")
    chosen: list[int] = []
    for digit in range(10):
        rows = train[labels[train] == digit]
        if len(rows):
            n = min(N_GRID_FRAMES // 10, len(rows))
            chosen += rows[np.linspace(0, len(rows) - 1, n).astype(int)].tolist()
    frames = np.asarray(open_frames(array_path)[chosen])
    title = "Training frames" + (f" ({note})" if note else "")
    figures.save(figures.plot_training_frames(frames, labels[chosen], title), output)


def draw_results(paths: Mapping[str, Path], power: Mapping, outputs: Mapping[str, Path]) -> None:
    """Draw training curves, sweep, trade-off, layers and confusion matrices from the tables."""
    evaluation, layers = read_table(paths["evaluation"]), read_table(paths["layers"])
    points = published_points(pd.read_csv(paths["published"], sep="\t"))
    spiking = evaluation[evaluation["scale"].notna()]["set"].unique()
    shown = "test" if "test" in spiking or not len(spiking) else spiking[0]
    quoted = figures.chosen_layers(layers, evaluation)
    mine = quoted[quoted["set"] == shown] if len(spiking) else layers[layers["scale"] == 1.0]
    drawn = {
        "training": figures.plot_training_curves(read_table(paths["training"])),
        "sweep": figures.plot_sweep(evaluation, shown, power),
        "tradeoff": figures.plot_tradeoff(evaluation, points),
        "layers": figures.plot_layer_synops(mine),
        "confusion": figures.plot_confusion(read_table(paths["predictions"])),
    }
    for name, figure in drawn.items():
        figures.save(figure, outputs[name])
