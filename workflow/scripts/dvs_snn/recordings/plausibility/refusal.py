"""Refuses sets and recordings whose numbers would be wrong, in the job that reads them first."""

from dataclasses import asdict

import pandas as pd

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.facts import facts_of
from dvs_snn.recordings.placement import Placement, place
from dvs_snn.recordings.plausibility.places import outside
from dvs_snn.recordings.plausibility.time_units import unit_by_sensor
from dvs_snn.recordings.recording import EventRecording


def refuse(name: str, rows: pd.DataFrame, time_unit: str | None) -> None:
    """End the job of a set that no sensor can have sent, or that the network hardly sees."""
    found = filter(None, [unit_by_sensor(rows, time_unit), outside(rows)])
    refused = [str(finding) for finding in found if finding.verdict == "refused"]
    if refused:
        raise StudyError(f"{name}: {'; '.join(refused)}.")


def refuse_shown(
    name: str, recording: EventRecording, placement: Placement | None, time_unit: str | None
) -> None:
    """End the job of a recording A, B, C for the same faults, by a StudyError."""
    if placement is None:  # one of the tutorial's own videos
        return
    width, height = recording.sensor_size
    row = {"recording": name, "sensor_width": width, "sensor_height": height}
    row |= asdict(facts_of(recording, place(recording, placement)))
    refuse(f"recording {name}", pd.DataFrame([row]), time_unit)
