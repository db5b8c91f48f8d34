"""Guests: networks from NIR files, run as they are; the variants with the key `nir`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from dvs_snn.files.errors import StudyError
from dvs_snn.settings.base import (
    Flip,
    Folder,
    Name,
    Number,
    Positive,
    Rotation,
    SetOf,
    Text,
    key,
    named_section,
)

NIR = "nir"
"""The method in the rows of guests. No choice and no front takes them: some saw the symbols."""

OURS = "ours"
"""The platform of what we ran ourselves."""

GUEST_SCALE = 1.0


@named_section
class Guest:
    """A network from a NIR file; of the placement None stands for that of each set."""

    nir: Folder = key("NIR file of a network, which the study runs as it is")
    trained_on: dict[Name, SetOf[Text] | Literal["all"]] = key(
        "set -> symbols that it saw, as [3/0007], or all; marked in evaluation.csv", {}
    )
    min_v_mem: Number | None = key(
        "lower bound; null: as the file says, or else conversion", None, lt=0
    )
    zoom: Positive | None = key(
        "pixels of its input for a sensor pixel; null: it sees what the study's networks see", None
    )
    rotate: Rotation | None = key("turn of its recordings", None)
    flip: Flip | None = key("mirroring of its recordings", None)

    @property
    def placement(self) -> dict[str, object]:
        """What it changes in the placement of each set."""
        of_sets = {name: getattr(self, name) for name in ("zoom", "rotate", "flip")}
        return {name: value for name, value in of_sets.items() if value is not None}

    def seen_in(self, variant: str, of_set: str, symbols: Iterable[str]) -> int:
        """Count those of a set's symbols that it was trained on; StudyError if it lists others.

        `variant` is its name.
        """
        known = set(symbols)
        trained_on = self.trained_on.get(of_set, ())
        listed = known if trained_on == "all" else set(trained_on)
        for symbol in sorted(listed - known):
            raise StudyError(
                f"config key variants.{variant}.trained_on.{of_set} has {symbol!r}, expected "
                f"symbols of the set, such as {', '.join(sorted(known)[:3])}; correct it, or write "
                "all."
            )
        return len(listed)


def check_guests(guests: Mapping[str, Guest], sets: Mapping[str, Iterable[str] | None]) -> None:
    """Raise StudyError unless each guest's file is there, and the sets and symbols that it names.

    Args:
        sets: of the study: by name their symbols; None where only a job can list them.
    """
    for name, guest in guests.items():
        where = f"config key variants.{name}"
        if not Path(guest.nir).is_file():
            raise StudyError(
                f"{where}.nir is {guest.nir!r}, expected a NIR file; give its whole path."
            )
        for of_set in guest.trained_on:
            if of_set not in sets:
                raise StudyError(
                    f"{where}.trained_on has {of_set!r}, expected sets of the study, "
                    f"{', '.join(sets)}; correct it, or leave it out."
                )
            symbols = sets[of_set]
            if symbols is not None:
                guest.seen_in(name, of_set, symbols)
