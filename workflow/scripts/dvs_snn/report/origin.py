"""Where a study's recordings come from, and how a page says so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dvs_snn.report.text import listed
from dvs_snn.settings.set_names import REAL_TWINS

SOURCE = "simulated"
SMOKE_BANNER = "smoke run: simulated recordings, few and briefly trained: not a result"
SIMULATED_BANNER = "simulated recordings: a model of an event camera made them"


@dataclass(frozen=True)
class Origin:
    """Where a study's recordings come from.

    Attributes:
        source: `data.source` of the config.
        config: the config; of its `evaluation.sets` those are simulated whose `origin` says so.
    """

    source: str
    config: Mapping[str, Any]

    @property
    def is_source_simulated(self) -> bool:
        """Whether the study makes its own recordings."""
        return self.source == SOURCE

    @property
    def simulation(self) -> Mapping[str, Any] | None:
        """The config's section, where the study makes its own recordings."""
        return self.config.get("simulation") if self.is_source_simulated else None

    def is_simulated(self, name: Any) -> bool:
        """Whether a set's recordings are simulated."""
        added = self._added()
        if str(name) in added:
            return added[str(name)] == "simulated"
        return self.source == SOURCE and str(name) != REAL_TWINS

    def note(self, one: bool = False) -> str:
        """What a caption begins with if its data are simulated; else empty."""
        if self.source != SOURCE:
            return ""
        return "Simulated recording. " if one else "Simulated recordings. "

    def note_on(self, names: Iterable[Any]) -> str:
        """What the caption of something that shows these sets begins with."""
        names = list(dict.fromkeys(str(name) for name in names))
        real = [name for name in names if not self.is_simulated(name)]
        if not names or not real:
            return "Simulated recordings. " if names else self.note()
        if len(real) == len(names):
            return ""
        return f"Simulated recordings, but for the real ones of {listed(real)}. "

    def banner(self, study: str, sets: Sequence[str]) -> str:
        """What the page says first: which recordings are simulated and which a sensor made."""
        simulated = [name for name in sets if self.is_simulated(name)]
        real = [name for name in sets if not self.is_simulated(name)]
        if self.source != SOURCE:
            return (
                f"simulated recordings: {listed(simulated)}; the others are real"
                if simulated
                else ""
            )
        first = SMOKE_BANNER if study.startswith("smoke") else SIMULATED_BANNER
        return f"{first}; real recordings, made by a sensor: {listed(real)}" if real else first

    def _added(self) -> dict[str, str]:
        """The sets of `evaluation.sets` and what made them: a sensor, if nothing is said."""
        sets = (self.config.get("evaluation") or {}).get("sets") or []
        return {str(entry["name"]): entry.get("origin", "real") for entry in sets}
