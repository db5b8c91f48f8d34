"""A finished study, as the sections of the page read it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from dvs_snn.analysis.marks import Marks
from dvs_snn.energy.price import Price, energy_uj, power_while_reading_mw, study_price
from dvs_snn.files.tables import schema
from dvs_snn.points.choice import BEST, Quoted
from dvs_snn.points.front import ANY
from dvs_snn.points.point import EQUAL
from dvs_snn.points.quoted_rows import quoted_spiking, trainings_of
from dvs_snn.report.cells import Row, flagged, labelled, network_names, point_text
from dvs_snn.report.chart import shows_nothing
from dvs_snn.report.drawing import figure_of, needs
from dvs_snn.report.origin import Origin
from dvs_snn.report.text import embed_chart, embed_png, seen, setting, with_unit
from dvs_snn.settings.data import Classes
from dvs_snn.settings.sides import SPIKING
from dvs_snn.settings.study_settings import Study
from dvs_snn.settings.sweep import Power

QUOTED_ACCURACIES = (0.95, 0.90)
TRAINED_ON_SIMULATED = "The networks trained on simulated recordings."


@dataclass(frozen=True)
class ShownFigure:
    """A figure as a template shows it: its name, label and caption, and the image itself.

    `note` is what its saved picture must say: which recordings are simulated, what is no result,
    and the prices of its energies.
    """

    name: str
    label: str
    note: str
    caption: str
    image: Markup


@dataclass(frozen=True)
class FinishedStudy:
    """A finished study: its settings, tables, figures and provenance.

    Attributes:
        tables: by name; one that is missing counts as empty.
        figures: files by name.
        panels: recording -> figure -> file.
        own_files: names of the recordings that the user's own files hold.
    """

    settings: Study
    tables: Mapping[str, pd.DataFrame]
    provenance: Mapping[str, Any]
    figures: Mapping[str, Path]
    panels: Mapping[str, Mapping[str, Path]]
    own_files: Collection[str] = ()

    def table(self, name: str) -> pd.DataFrame:
        """A table with all of its columns; a table that is missing has no row."""
        return self.tables.get(name, pd.DataFrame()).reindex(columns=list(schema(name)))

    @property
    def power(self) -> Power:
        """What SynOps cost by its settings."""
        return self.settings.power

    @property
    def price(self) -> Price:
        """The flat price of its settings."""
        return study_price(self.power)

    def reading_uj(self, row: Row) -> float:
        """The energy in µJ of a reading of a row of `points`, at the study's price."""
        operations = float(row["operations_per_reading"])
        return energy_uj(self.price, row["side"], operations, float(row["time_to_exit_ms"]))

    def reading_mw(self, row: pd.Series) -> float:
        """The power in mW until the network of a row of `points` stops, mean over trainings."""
        return power_while_reading_mw(self.price, trainings_of(self.points, row))

    @cached_property
    def classes(self) -> Classes:
        """The classes of the study, and the words for them."""
        return Classes(self.settings.data.classes)

    @cached_property
    def origin(self) -> Origin:
        """Which of its recordings are simulated."""
        added = {entry.name: entry.origin for entry in self.settings.evaluation.sets}
        return Origin(self.settings.data.source, added)

    @cached_property
    def evaluation(self) -> pd.DataFrame:
        """`tables/evaluation.csv`."""
        return self.table("evaluation")

    @cached_property
    def points(self) -> pd.DataFrame:
        """`tables/points.csv`."""
        return self.table("points")

    def in_words(self, point: Row) -> str:
        """A point of `points`: its network, scale or frames, and exit."""
        return point_text(point, network_names(self.points))

    @cached_property
    def spiking(self) -> pd.DataFrame:
        """Rows of `tables/evaluation.csv` that a spiking network made."""
        return self.evaluation[self.evaluation["side"] == SPIKING]

    @cached_property
    def chosen(self) -> pd.DataFrame:
        """Rows of `spiking` at the points chosen on validation: the page quotes only these."""
        return self.spiking[flagged(self.spiking["chosen"])]

    @cached_property
    def quoted(self) -> Quoted:
        """The points chosen on validation."""
        return Quoted.of(self.table("choice"))

    @cached_property
    def answered(self) -> pd.DataFrame:
        """Readings of whole labelled recordings by the quoted network, from `predictions`.

        It is the network of `chosen_point`, or without one that of the best method. The column
        `predicted` is "" if the network stays silent.
        """
        rows = self.table("predictions")
        point = self.chosen_point
        if point is None:
            rows = self.quoted.answering(rows[flagged(rows["chosen"])])
        else:
            is_quoted = (rows["variant"] == point["variant"]) & (rows["scale"] == point["scale"])
            rows = rows[is_quoted]
        return labelled(rows)

    @cached_property
    def answer_set(self) -> str | None:
        """The set that answers; None without a labelled one."""
        return self.origin.answer_set(self.evaluation)

    @cached_property
    def chosen_point(self) -> pd.Series | None:
        """The quoted network of the answer, on the set that answers: early exit, if it was tried.

        Without a choice it is a network as converted; None without any.
        """
        rows = quoted_spiking(self.points, self.quoted, self.answer_set)
        return rows.iloc[0] if len(rows) else None

    @cached_property
    def equal(self) -> pd.DataFrame:
        """Rows of `equal_accuracy` on the set that answers, at the accuracy that is quoted.

        It is the first of `QUOTED_ACCURACIES` that spiking networks reach; no row if none is.
        """
        rows = self.table("equal_accuracy")
        rows = rows[(rows["set"] == self.answer_set) & (rows["at"] == EQUAL)]
        is_spiking = (rows["side"] == SPIKING) & (rows["method"] == ANY)
        reached = set(rows.loc[is_spiking, "accuracy"])
        quoted = [accuracy for accuracy in QUOTED_ACCURACIES if accuracy in reached]
        return rows[rows["accuracy"].isin(quoted[:1])]

    @property
    def rule(self) -> str:
        """How the points in force were chosen, in words."""
        rows = self.quoted.rows
        if rows.empty or rows["rule"].iloc[0] == BEST:
            return "the most accurate"
        within = rows["within_points"].iloc[0]
        margin = f"{within:g} percentage point{'' if within == 1 else 's'}"
        return f"the cheapest within {margin} of the best"

    @cached_property
    def marks(self) -> Marks:
        """What of it is not a result."""
        return Marks.of(self.evaluation)

    def figure(
        self, name: str, sets: Iterable[str | None] = (), finding: str = ""
    ) -> ShownFigure | None:
        """A figure for the template; None without its file, or if it has nothing to show.

        Args:
            sets: whose recordings it shows.
            finding: what a chart shows, for readers who can't see it.
        """
        path = self.figures.get(name)
        if not path or shows_nothing(path.read_text(encoding="utf-8")):
            return None

        figure = figure_of(name)
        known = [each for each in sets if each is not None]
        mark = self.marks.of_sets(known, self.origin.called)
        note = f"{mark[:1].upper()}{mark[1:]}. " if mark else ""
        note += self.origin.note_on(known)
        caption = note + self.classes.worded(figure.CAPTION)
        saved_note = note.strip()
        if not saved_note and self.origin.is_source_simulated:
            saved_note = TRAINED_ON_SIMULATED
        if "power" in needs(name):
            saved_note = f"{saved_note} {self._prices}".strip()
        words = f"{seen(finding)} {caption}".strip()
        return ShownFigure(
            name=name,
            label=f"Chart: {self.classes.worded(figure.TITLE)}",
            note=saved_note,
            caption=caption,
            image=embed_chart(path, name.replace("_", "-"), words),
        )

    @property
    def synop_price(self) -> str:
        """The assumed energy of a SynOp, with its unit."""
        return with_unit(self.power.energy_per_synop_pj, "pJ", setting)

    @property
    def idle_power(self) -> str:
        """The assumed static power, with its unit."""
        return with_unit(self.power.static_power_mw, "mW", setting)

    @property
    def _prices(self) -> str:
        """What energies are computed with, in a sentence."""
        price = self.synop_price
        return f"Prices: SynOp {price}, MAC {price}, idle power {self.idle_power}."

    def picture(self, name: str, alt: str, recording: str) -> Markup | None:
        """A PNG of a recording for the template; None without its file."""
        path = self.panels.get(recording, {}).get(name)
        return embed_png(path.read_bytes(), alt) if path else None
