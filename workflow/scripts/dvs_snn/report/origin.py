"""Where a study's recordings come from, and how a page says so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dvs_snn.report.cells import ordered
from dvs_snn.report.text import listed
from dvs_snn.settings.set_names import REAL_TWINS

SOURCE = "simulated"
SIMULATED = "Simulated recordings. "
SMOKE = "smoke run, few recordings and brief training: not a result"
SIMULATED_BANNER = "simulated recordings: a model of an event camera made them"


def is_smoke(study: str) -> bool:
    """Whether a study of this name is a trial, whose numbers mean nothing."""
    return study.startswith("smoke")


@dataclass(frozen=True)
class Origin:
    """Where a study's recordings come from.

    Attributes:
        source: `data.source` of the config.
        config: the config; `origin` of its `evaluation.sets` says which of them are simulated.
    """

    source: str
    config: Mapping[str, Any]

    @property
    def is_source_simulated(self) -> bool:
        """Whether the study makes its own recordings."""
        return self.source == SOURCE

    @property
    def simulation(self) -> Mapping[str, Any] | None:
        """The section `simulation` of the config; None if the study reads recordings."""
        return self.config.get("simulation") if self.is_source_simulated else None

    def is_simulated(self, name: Any) -> bool:
        """Whether a set's recordings are simulated; for an added set its `origin` says so."""
        for entry in (self.config.get("evaluation") or {}).get("sets") or []:
            if entry["name"] == name:
                return entry.get("origin") == SOURCE
        return self.is_source_simulated and name != REAL_TWINS

    def sensor(self, name: Any) -> str:
        """The size of the sensor that made a real set, as the settings tell it; else empty."""
        size = self.config.get("data", {}).get("sensor_size")
        for entry in (self.config.get("evaluation") or {}).get("sets") or []:
            size = entry.get("sensor_size") if entry["name"] == name else size
        if name == REAL_TWINS and self.simulation:
            size = self.simulation["scenes"]["saccades"]["sensor_size"]
        return (
            "" if self.is_simulated(name) or not size else "sensor {}\u00a0×\u00a0{}".format(*size)
        )

    def note(self, one: bool = False) -> str:
        """The beginning of a caption: that the recordings are simulated; else empty."""
        if not self.is_source_simulated:
            return ""
        return "Simulated recording. " if one else SIMULATED

    def note_on(self, names: Iterable[Any]) -> str:
        """The beginning of the caption of a figure or table that shows these sets."""
        names = ordered(names)
        real = [name for name in names if not self.is_simulated(name)]
        if not real:
            return SIMULATED if names else self.note()
        if len(real) == len(names):
            return ""
        return f"Simulated recordings, but for the real ones of {listed(real)}. "

    def banner(self, study: str, sets: Sequence[str]) -> str:
        """The page's first line: which recordings are simulated and which a sensor made."""
        simulated = [name for name in sets if self.is_simulated(name)]
        real = [name for name in sets if not self.is_simulated(name)]
        parts = [SMOKE] if is_smoke(study) else []
        if self.is_source_simulated:
            parts.append(SIMULATED_BANNER)
            parts += [f"real recordings, made by a sensor: {listed(real)}"] if real else []
        elif simulated:
            parts.append(f"simulated recordings: {listed(simulated)}; the others are real")
        return "; ".join(parts)
