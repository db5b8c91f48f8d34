"""The material of the page: a finished study, as the sections of the page read it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from dvs_snn.evaluation.choosing.choice import Quoted
from dvs_snn.files.tables import result_tables, schema
from dvs_snn.report.cells import flagged, ordered, spiking
from dvs_snn.report.figures.registry import FIGURES_BY_FOLDER, about
from dvs_snn.report.origin import Origin
from dvs_snn.report.text import embed_chart, embed_figure, seen
from dvs_snn.settings.data import DIGITS, Classes


@dataclass(frozen=True)
class Material:
    """A finished study: its tables, figures, settings and provenance.

    Attributes:
        study, source: its name, and `data.source` of the config.
        tables: by name; one that is missing counts as empty.
        figures: files by name.
        panels: recording -> figure -> file.
        own_files: names of the recordings that the user's own files hold.
    """

    study: str
    source: str
    tables: Mapping[str, pd.DataFrame | None]
    provenance: Mapping[str, Any]
    config: Mapping[str, Any]
    config_text: str
    figures: Mapping[str, Path]
    panels: Mapping[str, Mapping[str, Path]]
    own_files: Collection[str] = ()

    def table(self, name: str) -> pd.DataFrame:
        """A table with all of its columns; a table that is missing has no row."""
        frame = self.tables.get(name)
        frame = pd.DataFrame() if frame is None else frame
        return frame.reindex(columns=list(schema(name))) if name in result_tables() else frame

    @property
    def power(self) -> Mapping[str, Any]:
        """The section `power` of the config."""
        return self.config["power"]

    @property
    def given(self) -> dict[str, str]:
        """The variants whose weights a file of the user's gave, and that file's path."""
        variants = self.config.get("variants", {}).items()
        return {name: own["weights"] for name, own in variants if own and own.get("weights")}

    @property
    def trains(self) -> bool:
        """Whether the study trained a network: not all of them were given."""
        variants = self.config.get("variants", {"plain": {}}).items()
        return any(own is not None and name not in self.given for name, own in variants)

    @cached_property
    def classes(self) -> Classes:
        """The classes of the study, and the words for them."""
        return Classes(self.config.get("data", {}).get("classes", DIGITS))

    @cached_property
    def origin(self) -> Origin:
        """Which of its recordings are simulated."""
        return Origin(self.source, self.config)

    @cached_property
    def evaluation(self) -> pd.DataFrame:
        """`tables/evaluation.csv`."""
        return self.table("evaluation")

    @cached_property
    def spiking(self) -> pd.DataFrame:
        """Rows of `tables/evaluation.csv` that a spiking network made."""
        return spiking(self.evaluation)

    @cached_property
    def chosen(self) -> pd.DataFrame:
        """Rows of `spiking` at the points chosen on validation: the page quotes only these."""
        return self.spiking[flagged(self.spiking["chosen"])]

    @cached_property
    def best_method(self) -> str | None:
        """The method whose point gives the answer; None if nothing was chosen."""
        return Quoted.of(self.table("choice")).best

    @cached_property
    def frames_only(self) -> pd.DataFrame:
        """Rows of `tables/evaluation.csv` for the CNN alone: frames without recordings."""
        return self.evaluation.drop(self.spiking.index)

    @property
    def note_on_chosen(self) -> str:
        """The beginning of the caption of one that shows every set with a quoted accuracy."""
        return self.origin.note_on(ordered(self.chosen["set"]))

    def picture(self, name: str, note: str, caption: str = "") -> dict[str, Any] | None:
        """A figure for the template, or None; `note` and `caption` make its caption."""
        path = self.figures.get(name)
        return self._picture(name, path, note, caption) if path else None

    def chart(self, name: str, finding: str, note: str) -> dict[str, Any] | None:
        """A chart for the template, or None; `finding` says what it shows, `note` its data."""
        path = self.figures.get(name)
        if not path:
            return None
        caption = note + self.classes.worded(about(name).caption)
        return {
            "html": embed_chart(path, name.replace("_", "-"), f"{seen(finding)} {caption}".strip()),
            "caption": caption,
            "title": self.classes.worded(about(name).title),
        }

    def pictures_of(self, recording: str, note: str) -> list[dict[str, Any]]:
        """The figures of a recording, in the registry's order."""
        paths = self.panels.get(recording, {})
        return [
            self._picture(name, paths[name], note)
            for name in FIGURES_BY_FOLDER["recording"]
            if name in paths
        ]

    def _picture(self, name: str, path: Path, note: str, caption: str = "") -> dict[str, Any]:
        """A figure for the template; one text is its caption and its alternative text."""
        title = name if caption else self.classes.worded(about(name).title)
        words = note + (caption or self.classes.worded(about(name).caption))
        return {"name": name, "image": embed_figure(path, words), "caption": words, "title": title}
