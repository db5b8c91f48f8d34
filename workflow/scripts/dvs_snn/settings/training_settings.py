"""The section `training`: how networks are trained by gradients.

It is made of smaller sections. The section of a method takes those whose keys the method uses.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dvs_snn.settings.base import (
    Count,
    Number,
    PairOf,
    Positive,
    RangeOf,
    Share,
    key,
    named_section,
    section,
)

RESCALED = "rescaled"
"""The method that trains a CNN alone. All others start from a trained variant, and are compared
with it."""

SYNOPS_EVENTS = 3000
"""SynOps are told for so many events, the events of a frame."""

SYNOPS_UNIT = f"SynOps/{SYNOPS_EVENTS:,} events"

PartShare = Annotated[Number, Field(ge=0, lt=1)]


@section
class AffineRanges:
    """Random magnification, shift and turn of each training frame."""

    scale: RangeOf[Positive] = key("smallest and largest magnification", (0.6, 1.0))
    translate: PairOf[Share] = key("largest shift, shares of width, height", (0.2, 0.2))
    degrees: Number = key("largest turn, either way", 0.0, "degrees", ge=0, le=180)

    @property
    def changes_frames(self) -> bool:
        return self != AffineRanges((1.0, 1.0), (0.0, 0.0), 0.0)


@named_section
class GradientSettings:
    """What every training by gradients needs."""

    epochs: Count = key("passes over the training frames", 4)
    batch_size: Count = key("frames, or recordings, of a training step", 256, "frames")
    optimizer: Literal["adam", "soap"] = key("soap: slower, but fewer steps", "adam")
    learning_rate: Positive = key("the optimizer's step size at the start", 0.001, le=1)
    schedule: Literal["constant", "cosine"] = key("course of the step size", "constant")
    # Without it a large step kills ReLUs for good in the first steps, while Adam hardly knows the
    # gradients' size (Goyal et al. 2017, arXiv:1706.02677, section 2.2).
    warmup: Number = key("share of steps while the step size rises", 0.0, ge=0, le=0.5)
    affine: AffineRanges = key("random affine map of each frame", AffineRanges())
    averaging: PartShare = key("decay of the weights' running average, which is kept; 0: none", 0.0)
    keep: Literal["best", "last"] = key("the epoch best on validation frames, or the last", "best")
    device: Literal["auto", "cpu", "cuda"] = key("each device trains other weights", "cpu")


@named_section
class Precise:
    """The type of activations in training.

    Attributes:
        is_mixed: whether the network itself computes in it; if not, only its teacher does.
    """

    is_mixed: ClassVar[bool] = True

    precision: Literal["auto", "float32", "bfloat16"] = key(
        "type of activations; auto: bfloat16 where the processor multiplies it", "float32"
    )


@named_section
class Dropped:
    """Dropout, which spiking networks and whole activations don't have in training."""

    dropout: PartShare | None = key("share of dropout; null: the network's own", None)


@named_section
class OnOutputs:
    """A loss that may be taken on the outputs; all other methods take it on the potentials."""

    # A ReLU at zero passes no gradient: a digit's output can die.
    loss_on: Literal["outputs", "potentials"] = key(
        "the final ReLU's outputs, or the potentials before, which can't die; these sum to 0 "
        "after training",
        "outputs",
    )


@named_section
class TrainingSettings(OnOutputs, Dropped, Precise, GradientSettings):
    """How networks are trained, each by the keys that its method uses."""
