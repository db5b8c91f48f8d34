"""Where a study's recordings come from, and how a page says so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from dvs_snn.analysis.marks import FEW_SYMBOLS
from dvs_snn.report.cells import ordered
from dvs_snn.report.style import set_name
from dvs_snn.report.text import listed
from dvs_snn.settings.guests import NIR
from dvs_snn.settings.set_names import REAL_TWINS, TEST_SETS, VALIDATION
from dvs_snn.settings.sides import SPIKING

SIMULATED = "simulated"
ALL_SIMULATED = "Simulated recordings. "
SIMULATED_BANNER = "simulated recordings: a model of an event camera made them"


@dataclass(frozen=True)
class Origin:
    """Where a study's recordings come from.

    Attributes:
        source: `data.source` of the settings.
        added: set of `evaluation.sets` -> `simulated`, or `real`.
    """

    source: str
    added: Mapping[str, str]

    @property
    def is_source_simulated(self) -> bool:
        """Whether the study makes its own recordings."""
        return self.source == SIMULATED

    def is_simulated(self, name: str) -> bool:
        """Whether a set's recordings are simulated."""
        if name in self.added:
            return self.added[name] == SIMULATED
        return self.is_source_simulated and name != REAL_TWINS

    def kind(self, name: str) -> str:
        """What made a set's recordings: `simulated`, or `real`."""
        return SIMULATED if self.is_simulated(name) else "real"

    def called(self, name: str) -> str:
        """What the page calls a set."""
        return set_name(name, self.source)

    def titled(self, name: str, n_symbols: float) -> list[str]:
        """The title of a picture of a set, which a saved picture keeps: what made it, how many."""
        return [self.called(name), f"{self.kind(name)}, {n_symbols:,.0f} symbols"]

    def answer_set(self, evaluation: pd.DataFrame) -> str | None:
        """The set that answers: a real one of enough symbols first; None without a labelled set."""
        rows = evaluation[(evaluation["side"] == SPIKING) & (evaluation["method"] != NIR)]
        sizes = rows.groupby("set", sort=False)["n_symbols"].max().to_dict()
        names = [name for name in sizes if name != VALIDATION] or list(sizes)

        def place(name: str) -> tuple[bool, ...]:
            is_added = name not in (*TEST_SETS, REAL_TWINS)
            return sizes[name] < FEW_SYMBOLS, self.is_simulated(name), is_added

        return min(names, key=place, default=None)

    def note_on(self, names: Iterable[str]) -> str:
        """The beginning of the caption of a figure or table that shows these sets; of all if none.

        It says which recordings are simulated, and is empty where none is.
        """
        names = ordered(names)
        real = [self.called(name) for name in names if not self.is_simulated(name)]
        if not real:
            return ALL_SIMULATED if names or self.is_source_simulated else ""
        if len(real) == len(names):
            return ""
        return f"Simulated recordings, but for the real ones of {listed(real)}. "

    def banner(self, sets: Iterable[str], mark: str = "") -> str:
        """The page's first line: the study's mark; what is simulated and what a sensor made."""
        sets = ordered(sets)
        simulated = [self.called(name) for name in sets if self.is_simulated(name)]
        real = [self.called(name) for name in sets if not self.is_simulated(name)]
        parts = [mark] if mark else []
        if self.is_source_simulated:
            parts.append(SIMULATED_BANNER)
            if real:
                parts.append(f"real recordings, made by a sensor: {listed(real)}")
        elif simulated:
            parts.append(f"simulated recordings: {listed(simulated)}; the others are real")
        return "; ".join(parts)
