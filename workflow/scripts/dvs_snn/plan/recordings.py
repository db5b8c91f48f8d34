"""The recordings A, B, C of a study: the file or symbol of each, its label and its placement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvs_snn.plan.sets import RecordingSet
from dvs_snn.recordings.recording import format_modules
from dvs_snn.settings.data import placement_settings
from dvs_snn.settings.recordings import archive_member, simulated_symbol
from dvs_snn.settings.set_names import TEST
from dvs_snn.settings.simulation import Simulation
from dvs_snn.settings.study import Study

TUTORIAL = "dvs_snn.recordings.archives.tutorial"


@dataclass(frozen=True)
class ShownRecording:
    """One recording A, B, C.

    Attributes:
        row: its row of the recordings table, with `data_note` and `tutorial_binning`.
        path: its file, or the split table that lists its symbol; `<results>` is the folder of the
            study's results.
        from_file: whether `path` is its file.
        formats: the modules of the formats that it may be stored in.
        readers: these, and for the tutorial's own videos the module that bins as the tutorial does.
    """

    row: Mapping[str, Any]
    path: str
    from_file: bool
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
        known = {**row, "note": None, "data_note": "", "tutorial_binning": member is not None}
        if file is None and study.data.source != "simulated":
            table, formats = sets[TEST].table, sets[TEST].formats
            recordings[row["recording"]] = ShownRecording(known, table, False, formats, formats)
            continue
        if file is None:
            known |= _simulated(row, study.simulation)
            suffix = study.simulation.scenes["paper"].suffix
            file = f"<results>/recordings/videos/{row['recording']}{suffix}"
        elif member is not None:
            file = f"<results>/recordings/videos/{member}"
        formats = format_modules([Path(file).suffix])
        readers = [*formats, TUTORIAL] if member else formats
        recordings[row["recording"]] = ShownRecording(known, file, True, formats, readers)
    return recordings


def _simulated(row: Mapping[str, Any], simulation: Simulation) -> dict[str, Any]:
    """Return what a simulated recording is: its symbol and digit, its sensor and its placement."""
    symbol, scene = simulated_symbol(row, simulation.symbols.test), simulation.scenes["paper"]
    of_scene = placement_settings(scene)
    return {
        "data_note": "simulated",
        "symbol": symbol,
        "label": int(symbol[0]),
        "sensor_width": scene.sensor_size[0],
        "sensor_height": scene.sensor_size[1],
        **{key: of_scene[key] if row[key] is None else row[key] for key in of_scene},
    }
