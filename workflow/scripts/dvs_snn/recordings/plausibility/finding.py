"""What a check finds in the recordings of a set, and the words of its sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dvs_snn.files.errors import listed

KINDS = {"refused": "fault", "warning": "warning"}
Verdict = Literal["refused", "warning", "told"]


@dataclass(frozen=True)
class Finding:
    """What a check found, without a full stop, and settings that mend it.

    `refused`: the numbers would be wrong; `told`: no fault, but good to know.
    """

    verdict: Verdict
    sentence: str
    remedy: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_bad(self) -> bool:
        """Whether the user has to do something."""
        return self.verdict in KINDS

    @property
    def kind(self) -> str:
        """What the check of folders calls it: `fault`, `warning` or `note`."""
        return KINDS.get(self.verdict, "note")

    def __str__(self) -> str:
        if not self.remedy:
            return self.sentence
        written = [f"`{line}`" for line in as_yaml(self.remedy)]
        gap = " " if self.sentence.endswith("?") else ": "
        return f"{self.sentence}{gap}set {' and '.join(written)}"


def some_words(names: Sequence[str]) -> str:
    """The first of names: `a, b, c and 17 more`."""
    return listed([*names[:3], f"{len(names) - 3} more"] if len(names) > 4 else names)


def as_yaml(settings: Mapping[str, Any]) -> list[str]:
    """Return settings as a config file has them, a line each: `zoom: 0.18`."""
    return [f"{key}: {value}" for key, value in settings.items()]


def seconds_words(seconds: float) -> str:
    """A time as `0.3 ms`, `2.2 s` or `5 minutes`."""
    if seconds < 0.1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 120 else f"{seconds / 60:.3g} minutes"


def count_words(number: float) -> str:
    """A number as `17`, `2,300` or `12 million`."""
    if number >= 1e6:
        return f"{float(f'{number / 1e6:.2g}'):,.10g} million"
    return f"{float(f'{number:.2g}'):,.10g}"


def size_words(sensor_size: Sequence[int]) -> str:
    """A sensor's size as `346x260`."""
    return "x".join(map(str, sensor_size))
