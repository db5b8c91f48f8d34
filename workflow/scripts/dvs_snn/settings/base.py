"""The parts of all settings: sections that refuse unknown keys, and strict types of values."""

import os
import re
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, dataclass_transform

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Strict, Tag
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError, PydanticUndefined

from dvs_snn.files.errors import CONTROL

CLOSED = ConfigDict(extra="forbid")
Section = TypeVar("Section")


@dataclass_transform(frozen_default=True)
def section(kind: type[Section]) -> type[Section]:
    """Make a class a section of the settings: an immutable dataclass that checks its values."""
    decorated: Any = dataclass(kind, frozen=True, config=CLOSED)
    return decorated


@dataclass_transform(frozen_default=True, kw_only_default=True)
def named_section(kind: type[Section]) -> type[Section]:
    """Make a class a section whose values are given by name."""
    decorated: Any = dataclass(kind, frozen=True, kw_only=True, config=CLOSED)
    return decorated


def key(meaning: str, default: Any = PydanticUndefined, unit: str = "", **bounds: Any) -> Any:
    """Describe one setting.

    Args:
        meaning: in one line; messages and docs/config.md quote it.
        default: without one, the setting has to be given.
        bounds: `ge`, `gt`, `le` and `lt`, as pydantic's Field takes them.
    """
    extra: Any = {"unit": unit} if unit else None
    return Field(default, description=meaning, json_schema_extra=extra, **bounds)


def expected(what: str) -> PydanticCustomError:
    """Return the error of a value, with the message "<key> is <found>, expected <what>."."""
    return PydanticCustomError("expected", "{what}", {"what": what})


def mistake(name: str, sentence: str) -> PydanticCustomError:
    """Return the error of a key of a section, with the message "<section>.<name> <sentence>"."""
    return PydanticCustomError("mistake", "{sentence}", {"name": name, "sentence": sentence})


def unlike(values: tuple) -> tuple:
    if any(value in values[:number] for number, value in enumerate(values)):
        raise expected("no entry twice")
    return values


def _ascending(pair: tuple) -> tuple:
    if pair[0] > pair[1]:
        raise expected("smallest first")
    return pair


def _plain_path(path: str) -> str:
    """Expand `~`; refuse what Snakemake would take for a pattern, or what breaks a line."""
    if CONTROL.search(path) or re.search("[{}<>]", path):
        raise expected(
            "a path without braces, angle brackets and control characters: rename the folder or "
            "the file, or link to it"
        )
    return os.path.expanduser(path)


def _two_decimals(scale: float) -> float:
    """Refuse what `sweep.scale_name` would shorten."""
    if abs(round(scale, 2) - scale) > 1e-9:
        raise expected(f"at most two decimals, such as {max(scale, 0.01):.2f}")
    return scale


def by_form(form: type | UnionType) -> Discriminator:
    """Return the discriminator of a union of two types, tagged `USUAL` and `INSTEAD`.

    So pydantic reports a mistake for the type that was meant, not for both.

    Args:
        form: the Python type of values tagged `INSTEAD`, such as list; all others are `USUAL`.
    """
    return Discriminator(lambda value: "[instead]" if isinstance(value, form) else "[usual]")


USUAL = Tag("[usual]")
INSTEAD = Tag("[instead]")

T = TypeVar("T")
PairOf = Annotated[tuple[T, ...], Field(min_length=2, max_length=2)]
# A smallest and a largest value.
RangeOf = Annotated[PairOf[T], AfterValidator(_ascending)]
ListOf = Annotated[tuple[T, ...], Field(min_length=1)]
# A list that holds no entry twice.
SetOf = Annotated[ListOf[T], AfterValidator(unlike)]
Whole = Annotated[int, Strict()]
Count = Annotated[Whole, Field(ge=1)]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0)]
Unsigned = Annotated[Number, Field(ge=0)]
Share = Annotated[Number, Field(ge=0, le=1)]
# On the weights of the first layer.
Factor = Annotated[Number, Field(gt=0, le=1000), AfterValidator(_two_decimals)]
Flag = Annotated[bool, Strict()]
Text = Annotated[str, Strict()]
Seed = Annotated[Whole, Field(ge=0, le=2**32 - 1)]
# Names stand in paths.
Name = Annotated[Text, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Folder = Annotated[Text, AfterValidator(_plain_path)]
Flip = Literal["none", "x", "y", "xy"]
Rotation = Literal[0, 90, 180, 270]
TimeUnit = Literal["s", "ms", "us", "ns"]
SensorSize = PairOf[Annotated[Whole, Field(ge=1, le=65535)]]
# MNIST-DVS shows each symbol at three sizes.
MnistDvsSize = Literal[4, 8, 16]
