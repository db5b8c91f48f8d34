"""Marks of what is not a result: a study that few symbols trained, a set of few symbols."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

FEW_TRAINED = 500
"""With fewer training symbols nothing is a result. The preset `nmnist` has 720, `simulated` 3,600,
the smoke study 160."""

FEW_SYMBOLS = 50
"""With fewer symbols in a set nothing about that set is a result."""


@dataclass(frozen=True)
class Marks:
    """What of a study is not a result.

    Attributes:
        study: why the whole study isn't a result; empty if it may be.
        sets: each set of few symbols, and how many it has.
    """

    study: str
    sets: Mapping[str, int]

    @classmethod
    def of(cls, evaluation: pd.DataFrame) -> "Marks":
        """The marks that follow from ``evaluation.csv``; the tutorial's frames have no symbols."""
        trained = evaluation["n_training_symbols"].min()
        sizes = evaluation.groupby("set", sort=False)["n_symbols"].max()
        study = ""
        if trained < FEW_TRAINED:
            study = f"not a result: trained on {trained:.0f} symbols, fewer than {FEW_TRAINED}"
        few = sizes[sizes.between(1, FEW_SYMBOLS - 1)]
        return cls(study, {str(name): int(n) for name, n in few.items()})

    def of_sets(self, names: Iterable[str], called: Callable[[str], str] = str) -> str:
        """Which of these sets, as they are `called`, are too small for a result; empty if none."""
        few = [
            f"{called(name)} ({self.sets[name]})"
            for name in dict.fromkeys(names)
            if name in self.sets
        ]
        if not few:
            return ""
        return f"not a result: sets of fewer than {FEW_SYMBOLS} symbols, {', '.join(few)}"

    def on(self, names: Iterable[str] | None = None) -> str:
        """What a figure of these sets, or of all, has to say; empty if nothing."""
        return self.study or self.of_sets(self.sets if names is None else names)
