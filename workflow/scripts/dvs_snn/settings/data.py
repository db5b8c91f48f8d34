"""Where recordings come from and how they lie on the network: `data` and `evaluation`."""

from typing import Annotated, Literal

from pydantic import Field, model_validator, with_config
from typing_extensions import TypedDict

from dvs_snn.settings import base
from dvs_snn.settings.base import key, mistake, section

Source = Literal["simulated", "folder", "tutorial", "mnist-dvs", "nmnist"]
UNPACKED_SOURCES = ("mnist-dvs", "nmnist")
UNPLACED = {"sensor_size": None, "zoom": 1.0, "rotate": 0, "flip": "none"}


@section(kw_only=True)
class PlacedRecordings:
    """Size and placement of the recordings of a folder."""

    sensor_size: base.SensorSize | None = key(
        "[width, height] of the sensor; null: as the format or the file says", None, "pixels"
    )
    time_unit: base.TimeUnit | None = key(
        "unit of the times of .npz, text and HDF5 files that state none; null: .npz has us, and "
        "other files have to state it",
        None,
    )
    zoom: base.Positive = key("network pixels for a sensor pixel, about the two centres", 1.0)
    rotate: base.Rotation = key("turn, counter-clockwise as displayed, before zoom", 0, "degrees")
    flip: base.Flip = key("mirroring, before the turn", "none")


@section
class SplitShares:
    """Shares of the split by symbol."""

    test: Annotated[base.Number, Field(gt=0, lt=1)] = key(
        "share of all symbols that are test symbols", 0.2
    )
    validation: Annotated[base.Number, Field(gt=0, lt=1)] = key(
        "share of the other symbols that are validation symbols", 0.1
    )


@section
class Fetching:
    """How patient a download is."""

    timeout_s: base.Positive = key("longest time that a server may send nothing", 30.0, "s")
    attempts: base.Count = key(
        "attempts in a row that bring nothing before a download is given up", 6
    )
    backoff_s: base.Unsigned = key(
        "wait before the second attempt; each further one is twice as long, at most 30 times",
        1.0, "s",
    )  # fmt: skip
    max_gb: base.Positive = key("largest archive", 4.0, "GB")


@with_config(base.CLOSED)
class Archive(TypedDict, total=False):
    """Values that replace those of an archive in workflow/data/sources.tsv."""

    url: Annotated[base.Text, Field(description="address, http or https", min_length=8)]
    bytes: Annotated[
        base.Count | None,
        Field(description="size; null: unknown", json_schema_extra={"unit": "bytes"}),
    ]
    sha256: Annotated[
        Annotated[base.Text, Field(min_length=64, max_length=64)] | None,
        Field(description="SHA-256, 64 hexadecimal digits; null: unknown"),
    ]


@section(kw_only=True)
class Data(PlacedRecordings):
    """Where recordings come from and how they lie on the network."""

    source: Source = key(
        "simulated: the study makes its recordings; folder: <root>/<digit>/<file>; tutorial, "
        "mnist-dvs, nmnist: archives, fetched where they are missing",
        "simulated",
    )
    folder: base.Folder | None = key(
        "recordings <digit>/<file>; for mnist-dvs and nmnist, where you unpacked them yourself; "
        "for tutorial the same as local",
        None,
    )
    downloads: Annotated[base.Folder, Field(min_length=1)] = key(
        "folder of fetched archives, for all studies; no run deletes what is there", "data"
    )
    local: base.Folder | None = key("folder or file of archives that you already have", None)
    offline: base.Flag = key("true: the study never uses the internet", False)
    sources: dict[base.Text, Archive] = key(
        "by archive, such as nmnist/Train.zip: values that replace those of "
        "workflow/data/sources.tsv",
        {},
    )
    fetching: Fetching = key("how patient a download is", Fetching())
    scales: base.set_of(base.MnistDvsSize) = key(
        "sizes of MNIST-DVS to unpack, which it calls scales", (16,)
    )
    per_digit: base.Count | None = key(
        "number of symbols of each digit to unpack from each archive, the first ones; null: all",
        None,
    )
    test_folder: base.Folder | None = key(
        "test recordings; without it the folder is split in three parts", None
    )
    split: SplitShares = key("shares of the split by symbol", SplitShares())

    @model_validator(mode="after")
    def _settings_of_the_source(self) -> "Data":
        if self.source == "simulated":
            for name, untouched in UNPLACED.items():
                found = getattr(self, name)
                if found != untouched:
                    found = list(found) if isinstance(found, tuple) else found
                    raise mistake(
                        name,
                        f"is {found}, which simulated recordings don't use: set simulation.scenes."
                        f"<scene>.{name}, or data.{name} to {untouched or 'null'}.",
                    )
        if self.source == "folder" and not self.folder:
            raise mistake(
                "folder",
                "is empty, expected a folder of recordings <digit>/<file>: set it, or take "
                "data.source: simulated, which needs none.",
            )
        if self.source in UNPACKED_SOURCES and self.test_folder and not self.folder:
            raise mistake(
                "test_folder",
                f"is {self.test_folder!r}, but the recordings come from the archives of "
                f"{self.source}; leave it empty, or set data.folder too.",
            )
        return self


@section(kw_only=True)
class EvaluationSet(PlacedRecordings):
    """One more set to test on."""

    name: base.Name = key("name of the set")
    folder: base.Folder = key("folder of recordings <digit>/<file>")
    origin: Literal["real", "simulated"] = key(
        "what made the recordings: a real sensor, or a simulation", "real"
    )
