"""Batches: which sets of recordings one evaluation job reads, and for which networks.

One job reads all the study's own sets, since starting a job takes longer than some sets. A set that
settings add has jobs of its own, so one more set runs no other job again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from dvs_snn.plan.planned_sets import RecordingSet
from dvs_snn.settings.set_names import VALIDATION

Readers = Literal["trained", "guests", "cnns"]
"""Networks that read a batch: spiking ones that the study trains, those from NIR files, CNNs."""

TRAINED: Final = "trained"
GUESTS: Final = "guests"
CNNS: Final = "cnns"


@dataclass(frozen=True)
class Batch:
    """Sets that one evaluation job reads. Each of its networks has such a job.

    Attributes:
        name: it stands in paths.
        readers: the networks that read it.
        sets: their names.
        of_quoted: whether the networks read it that validation chose, in one job a training. Else
            all do: a spiking network has a job at each scale, a CNN reads in all frames.
        chosen_alone: those of its sets that networks on validation's front don't read.
    """

    name: str
    readers: Readers
    sets: tuple[str, ...]
    of_quoted: bool = False
    chosen_alone: tuple[str, ...] = ()


def study_batches(sets: Mapping[str, RecordingSet], has_guests: bool) -> dict[str, Batch]:
    """Return the batches of a study by name.

    Args:
        sets: the study's sets by name.
        has_guests: whether it has networks from NIR files.
    """
    joint = tuple(name for name, entry in sets.items() if not entry.alone)
    lone = [name for name, entry in sets.items() if entry.alone and not entry.is_of_quoted]
    quoted = tuple(name for name, entry in sets.items() if entry.is_of_quoted)
    batches = [
        Batch("joint", TRAINED, joint),
        *(Batch(f"set-{name}", TRAINED, (name,)) for name in lone),
        *(Batch(f"set-{name}", TRAINED, (name,), of_quoted=True) for name in quoted),
        *_cnn_batches(joint, lone, quoted),
    ]
    if has_guests:
        batches.append(Batch("guests", GUESTS, tuple(sets)))
    return {batch.name: batch for batch in batches if batch.sets}


def _cnn_batches(joint: Sequence[str], lone: Sequence[str], quoted: tuple[str, ...]) -> list[Batch]:
    """Return the batches of CNNs; their frames are picked on validation, where there is one.

    Args:
        joint, lone, quoted: names of sets: those read together, those read alone, and those that
            only the networks read that validation chose.
    """
    if VALIDATION not in joint:
        return [
            Batch("cnn-frames", CNNS, tuple(joint)),
            *(Batch(f"cnn-set-{name}", CNNS, (name,)) for name in lone),
        ]
    tests = tuple(name for name in joint if name != VALIDATION)
    return [
        Batch("cnn-frames", CNNS, (VALIDATION,)),
        Batch("cnn-tests", CNNS, tests + quoted, of_quoted=True, chosen_alone=quoted),
        *(Batch(f"cnn-set-{name}", CNNS, (name,), of_quoted=True) for name in lone),
    ]
