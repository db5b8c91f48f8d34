"""Where recordings come from and how they lie on the network: `data` and `evaluation`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator, with_config
from typing_extensions import TypedDict

from dvs_snn.files.errors import listed
from dvs_snn.settings.base import (
    CLOSED,
    Count,
    Flag,
    Flip,
    Folder,
    MnistDvsSize,
    Name,
    Number,
    Positive,
    Rotation,
    SensorSize,
    SetOf,
    Text,
    TimeUnit,
    key,
    mistake,
    named_section,
    section,
    unlike,
)

if TYPE_CHECKING:
    import pandas as pd

Source = Literal["simulated", "folder", "tutorial", "mnist-dvs", "nmnist"]
UNPACKED_SOURCES = ("mnist-dvs", "nmnist")
DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Classes:
    """The classes of a study, by label from 0 on, and the words for them and for what is shown."""

    # A name that a rule misspells is refused, as those of a job are.
    __pydantic_config__ = ConfigDict(extra="forbid")

    names: Sequence[str] = DIGITS

    @property
    def are_digits(self) -> bool:
        return tuple(self.names) == DIGITS

    @property
    def word(self) -> str:
        return "digit" if self.are_digits else "class"

    @property
    def words(self) -> str:
        return "digits" if self.are_digits else "classes"

    @property
    def thing(self) -> str:
        return "digit" if self.are_digits else "object"

    def worded(self, text: str) -> str:
        """Return a text on digits as it reads for these classes."""
        if self.are_digits:
            return text
        changes = {"digits": "classes", "Digits": "Classes", "digit": "class", "ten neur": "neur"}
        for digit, word in changes.items():
            text = text.replace(digit, word)
        return text

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Return those of some names that are classes, each once, in the order of the labels."""
        return [name for name in self.names if name in set(names)]

    def listed(self, labels: Sequence[int]) -> str:
        """Name some in a sentence: `the digit 3`, `the classes car and tree`."""
        word = self.words if len(labels) > 1 else self.word
        return f"the {word} {listed(self.names[label] for label in labels)}"

    def named(self, labels: "pd.Series") -> "pd.Series":
        """Return the names of a column of labels; a missing one is empty."""
        return labels.map(dict(enumerate(self.names))).fillna("")


TEN_DIGITS = Classes()


ClassNames = Annotated[
    tuple[Name, ...], Field(min_length=2, max_length=100), AfterValidator(unlike)
]


@named_section
class PlacedRecordings:
    """Size and placement of the recordings of a folder."""

    sensor_size: SensorSize | None = key("[width, height]; null: as files say", None, "pixels")
    time_unit: TimeUnit | None = key("of the times in .npz; null: whole us", None)
    zoom: Positive = key("network pixels for a sensor pixel, about the centres", 1.0)
    rotate: Rotation = key("turn, counter-clockwise as displayed", 0, "degrees")
    flip: Flip = key("mirroring, before the turn", "none")


@section
class SplitShares:
    """Shares of the split by symbol."""

    test: Number = key("share of all symbols that test", 0.2, gt=0, lt=1)
    validation: Number = key("share of the others that validate", 0.1, gt=0, lt=1)


@with_config(CLOSED)
class Archive(TypedDict, total=False):
    """Values that replace those of an archive in workflow/data/sources.tsv."""

    url: Annotated[Text, key("address, http or https", min_length=8)]
    bytes: Annotated[Count | None, key("size; null: unknown", unit="bytes")]
    sha256: Annotated[Text | None, key("null: unknown", min_length=64, max_length=64)]


@named_section
class Data(PlacedRecordings):
    """Where recordings come from and how they lie on the network."""

    source: Source = key("simulated, your folder, or archives, fetched if missing", "simulated")
    classes: ClassNames = key("names of folders in the outputs' order, for source: folder", DIGITS)
    folder: Folder | None = key("recordings <class>/<file>, or archives unpacked", None)
    downloads: Folder = key("folder of fetched archives of all studies", "data", min_length=1)
    local: Folder | None = key("folder or file of archives that you already have", None)
    offline: Flag = key("true: the study never uses the internet", False)
    sources: dict[Text, Archive] = key("changes to workflow/data/sources.tsv", {})
    scales: SetOf[MnistDvsSize] = key("sizes of MNIST-DVS to unpack", (16,))
    per_digit: Count | None = key("first symbols of a digit to unpack; null: all", None)
    test_folder: Folder | None = key("test recordings; null: split folder in three", None)
    split: SplitShares = key("shares of the split by symbol", SplitShares())

    @model_validator(mode="after")
    def _settings_of_the_source(self) -> "Data":
        if self.source != "folder" and self.classes != DIGITS:
            raise mistake(
                "classes",
                f"is {', '.join(self.classes)[:200]}, but data.source is {self.source!r}, which "
                "has the ten digits: set data.source: folder, or leave data.classes out.",
            )
        placed = where_placed(self)
        for name, usual in where_placed(PlacedRecordings()).items():
            if self.source == "simulated" and name != "time_unit" and placed[name] != usual:
                raise mistake(
                    name,
                    f"is {placed[name]}, which simulated recordings don't use: set "
                    f"simulation.scenes.<scene>.{name} instead.",
                )
        if self.source == "folder" and not self.folder:
            sentence = "expected a folder <class>/<file>; set it, or take data.source: simulated."
            raise mistake("folder", f"is empty, {sentence}")
        if self.source in UNPACKED_SOURCES and self.test_folder and not self.folder:
            sentence = "but the recordings come from archives; leave it empty, or set data.folder."
            raise mistake("test_folder", f"is {self.test_folder!r}, {sentence}")
        return self


@named_section
class EvaluationSet(PlacedRecordings):
    """One more set to test on."""

    name: Name = key("name of the set")
    folder: Folder = key("folder of recordings <class>/<file>")
    origin: Literal["real", "simulated"] = key("what made the recordings", "real")


def where_placed(section: Any) -> dict[str, Any]:
    """Return what a section of the settings tells of its files, and their placement.

    Args:
        section: `PlacedRecordings`, or a scene, whose format fixes its time unit.
    """
    placed = PlacedRecordings.__dataclass_fields__
    values = {name: value for name, value in vars(section).items() if name in placed}
    size = values["sensor_size"]
    return values | {"sensor_size": size and list(size)}


def placement_settings(section: Any) -> dict[str, Any]:
    """Return the placement in such a section: its zoom, rotate and flip."""
    return {name: getattr(section, name) for name in ("zoom", "rotate", "flip")}
