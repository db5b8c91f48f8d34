"""The recordings A, B, C of a study: the file or symbol of each, its label and its placement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvs_snn.plan.sets import RecordingSet
from dvs_snn.recordings.placement import Placement
from dvs_snn.recordings.recording import format_modules
from dvs_snn.recordings.store.reading import ShownSource
from dvs_snn.settings.data import Data, placement_settings
from dvs_snn.settings.recordings import archive_member, simulated_symbol
from dvs_snn.settings.set_names import TEST
from dvs_snn.settings.simulation import Simulation
from dvs_snn.settings.study import Study

TUTORIAL = "dvs_snn.recordings.archives.tutorial"


@dataclass(frozen=True)
class ShownRecording:
    """One recording A, B, C.

    Attributes:
        row: its row of the recordings table, with `data_note`.
        source: what the job that reads it is told.
        path: its file, or the split table that lists its symbol; `<results>` is the folder of the
            study's results.
        formats: the modules of the formats that it may be stored in.
        readers: these, and for the tutorial's own videos the module that bins as the tutorial does.
    """

    row: Mapping[str, Any]
    source: ShownSource
    path: str
    formats: Sequence[str]
    readers: Sequence[str]


def study_recordings(
    study: Study,
    rows: Sequence[Mapping[str, Any]],
    sets: Mapping[str, RecordingSet],
) -> dict[str, ShownRecording]:
    """Return the recordings of the recordings table, by name.

    Args:
        rows: the rows of the table.
        sets: the study's sets; a symbol is shown by a recording of the set `test`.

    Raises:
        StudyError: a simulated recording shows no test symbol.
    """
    recordings = {}
    for row in rows:
        file, member = row["file"], archive_member(row)
        known = {**row, "note": None, "data_note": ""}
        if file is None and study.data.source != "simulated":
            table, formats = sets[TEST].table, sets[TEST].formats
            placed = placement_settings(study.data) | _placed(row)
            source = _source(known, False, placed, study.data)
            recordings[row["recording"]] = ShownRecording(known, source, table, formats, formats)
            continue
        if file is None:
            known |= _simulated(row, study.simulation)
            suffix = study.simulation.scenes["paper"].suffix
            file = f"<results>/recordings/videos/{row['recording']}{suffix}"
        elif member is not None:
            file = f"<results>/recordings/videos/{member}"
        formats = format_modules([Path(file).suffix])
        readers = [*formats, TUTORIAL] if member else formats
        source = _source(known, True, None if member else _placed(known), study.data)
        recordings[row["recording"]] = ShownRecording(known, source, file, formats, readers)
    return recordings


def _placed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row says of its placement."""
    return {key: row[key] for key in ("zoom", "rotate", "flip") if row[key] is not None}


def _source(
    row: Mapping[str, Any], from_file: bool, placed: Mapping[str, Any] | None, data: Data
) -> ShownSource:
    size = (row["sensor_width"], row["sensor_height"]) if row["sensor_width"] else None
    placement = None if placed is None else Placement(**placed)
    about = row["recording"], from_file, row["symbol"] or "", row["label"]
    return ShownSource(*about, size, placement, data.time_unit)


def _simulated(row: Mapping[str, Any], simulation: Simulation) -> dict[str, Any]:
    """Return what a simulated recording is: its symbol and digit, its sensor and its placement."""
    symbol, scene = simulated_symbol(row, simulation.symbols.test), simulation.scenes["paper"]
    return {
        "data_note": "simulated",
        "symbol": symbol,
        "label": int(symbol[0]),
        "sensor_width": scene.sensor_size[0],
        "sensor_height": scene.sensor_size[1],
        **placement_settings(scene),
        **_placed(row),
    }
