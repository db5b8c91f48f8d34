"""Lessons: what networks are trained on further, where there are real twins."""

from typing import Annotated

from pydantic import Field

from dvs_snn.settings import base
from dvs_snn.settings.base import key, section

ALONE = "-alone"
"""Ends the name of a lesson without simulated recordings."""


@section
class Learning:
    """How much real recordings in the training help, where there are real twins."""

    recordings: base.set_of(Annotated[base.Whole, Field(ge=1, le=500)]) | None = key(
        "numbers of real twins of the odd half with which the networks are trained further; they "
        "then read the even half; null: none",
        None,
    )

    @property
    def lessons(self) -> list[str]:
        """The names of what networks are trained on further: the numbers of real recordings.

        0 stands first, and last the largest number without simulated recordings.
        """
        if not self.recordings:
            return []
        numbers = sorted(self.recordings)
        return [*map(str, (0, *numbers)), f"{numbers[-1]}{ALONE}"]
