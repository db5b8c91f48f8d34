"""What sections of methods are made of.

The module of each method in `training/methods/` declares one section, with the keys that the
method uses. It is a `Variant`, and takes from here what several methods share.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dvs_snn.settings.base import (
    Count,
    Factor,
    Name,
    Number,
    Positive,
    RangeOf,
    SetOf,
    Share,
    Text,
    Unsigned,
    key,
    named_section,
)
from dvs_snn.settings.training_settings import SYNOPS_UNIT, OnOutputs

StepMs = Annotated[Number, Field(ge=0.001)]


@named_section
class Variant:
    """A way to train the network: the keys of every method."""

    method: Text = key("a module of training/methods, with - for _; left out: rescaled")
    start: Name | None = key("variant from whose weights it starts; null: fresh ones", None)
    start_scale: Factor = key("factor on the weights of the first layer at the start", 1.0)
    cnn_scales: SetOf[Factor] | None = key(
        "scales at which its weights are also read as a CNN with whole activations; null: none",
        None,
    )

    # A method that differs has a section that says so.

    @property
    def weights(self) -> str | None:
        """The file of weights to take instead of training; None: it is trained."""
        return None

    @property
    def through_time(self) -> bool:
        """Whether it trains on recordings in time steps, not on frames."""
        return False

    @property
    def is_bounded(self) -> bool:
        """Whether its neurons have their lower bound in training: they fire in several steps."""
        return False

    def images_of(self, step_ms: float) -> float:
        """Return the most images of a sample, over those in steps of `step_ms` or of one frame."""
        return 1


@named_section
class Further(Variant):
    """A variant that starts from a trained network."""

    start: Name = key("variant from whose weights it starts")


@named_section
class Converted(Variant):
    """A variant whose networks become spiking networks; all others are read as CNNs alone.

    Attributes:
        initial_v_mem: where the potentials of its networks start, a share of the threshold; None:
            where `conversion` says.
    """

    initial_v_mem: ClassVar[float | None] = None

    scales: SetOf[Factor] | None = key("its scales; null: sweep.scales", None)
    min_v_mem: Number | None = key("as in conversion; left out: that", None, lt=0)


@named_section
class Taught(Variant):
    """A variant that may learn from the outputs of the trained CNN, on the same frames."""

    teacher_weight: Share = key("share of the CNN's outputs in the loss, beside labels", 0.0)
    teacher_temperature: Positive = key("temperature at which outputs are compared", 2.0)


@named_section
class Pays(Variant):
    """A variant that pays for operations above a limit, SynOps or MACs."""

    synops: Positive | None = key("limit of unpaid SynOps; null: none", None, SYNOPS_UNIT)
    synops_weight: Unsigned = key("weight of SynOps above the limit", 3.0)
    synops_start: Positive | None = key("limit at the start; null: synops", None, SYNOPS_UNIT)
    synops_fall: Number = key("share of steps while the limit falls", 0.5, gt=0, le=1)

    def synops_limit(self, done: float) -> float | None:
        """Return the limit on SynOps when a share of all steps is done; it falls geometrically."""
        if self.synops is None or self.synops_start is None:
            return self.synops
        left = max(0.0, 1 - done / self.synops_fall)
        return self.synops * (self.synops_start / self.synops) ** left


@named_section
class Spiking(Variant):
    """A variant whose neurons fire in training."""

    surrogate: Literal["straight", "ramp"] = key("derivative of a spike count", "straight")


@named_section
class SplitFrames(Variant):
    """A variant in whose training the events of a frame may arrive in several time steps."""

    frame_steps: Count = key("time steps over which a frame's events fall at random", 1)

    @property
    def is_bounded(self) -> bool:
        return self.frame_steps > 1

    def images_of(self, step_ms: float) -> float:
        return self.frame_steps


@named_section
class OnRecordings(Variant):
    """A variant that trains on recordings in time steps."""

    drawn_step_ms: RangeOf[StepMs] | None = key(
        "time steps, drawn for each batch; null: inference.step_ms", None, "ms"
    )

    @property
    def through_time(self) -> bool:
        return True

    @property
    def is_bounded(self) -> bool:
        return True

    def images_of(self, step_ms: float) -> float:
        return step_ms / self.drawn_step_ms[0] if self.drawn_step_ms else 1


def is_taught(variant: Variant) -> bool:
    """Whether a CNN's outputs have a share in the loss."""
    return isinstance(variant, Taught) and variant.teacher_weight > 0


def learns_on_outputs(variant: Variant) -> bool:
    """Whether the loss is on the final ReLU's outputs. A teacher's outputs are potentials."""
    if is_taught(variant):
        return False
    return isinstance(variant, OnOutputs) and variant.loss_on == "outputs"
