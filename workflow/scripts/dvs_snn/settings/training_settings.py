"""How networks are trained: the section `training`, and the variants, which may change it.

Each variant is a way to train the network, by a method, under a name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

from pydantic import Field, TypeAdapter

from dvs_snn.files.errors import StudyError
from dvs_snn.files.registry import load
from dvs_snn.settings.base import (
    Count,
    Factor,
    Folder,
    Name,
    Number,
    PairOf,
    Positive,
    RangeOf,
    SetOf,
    Share,
    Text,
    Unsigned,
    key,
    named_section,
    section,
)

METHODS = "dvs_snn.training.methods"
"""The package of the methods of training, which settings name."""

RESCALED = "rescaled"
"""The method that trains a CNN from fresh weights. All others start from a trained variant, and are
compared with it."""

SYNOPS_EVENTS = 3000
"""SynOps are told for so many events, the events of a frame."""

SYNOPS_UNIT = f"SynOps/{SYNOPS_EVENTS:,} events"


@dataclass(frozen=True)
class Method:
    """What the study knows of a method before anything runs: `METHOD` in its module.

    Attributes:
        through_time: whether it trains on recordings in time steps, not on frames.
        pays: whether its training pays for SynOps above a limit.
        is_taught: whether it may learn from the outputs of the trained CNN, on the same frames.
        is_mixed: whether it may compute in bfloat16.
        is_split: whether the events of a frame may arrive in several time steps.
        initial_v_mem: where the potentials of its networks start, a share of the threshold; None:
            where `conversion` says.
        uses_gradients: whether it trains by gradients; if not, it makes its network at once from
            the start's.
        is_converted: whether its networks become spiking networks; if not, they are read as CNNs.
        may_learn_on_outputs: whether `loss_on` applies; if not, the loss is on potentials.
    """

    through_time: bool = False
    pays: Literal["no", "may", "must"] = "no"
    is_taught: bool = True
    is_mixed: bool = True
    is_split: bool = False
    initial_v_mem: float | None = None
    uses_gradients: bool = True
    is_converted: bool = True
    may_learn_on_outputs: bool = False


class DescribedMethod(Protocol):
    """What the settings need of a method's module."""

    METHOD: Method


WEIGHTS_SUFFIXES = (".safetensors", ".pt", ".pth")
BESIDE_WEIGHTS = {"weights", "scales", "cnn_scales", "min_v_mem"}
"""What a variant with given weights may set: it isn't trained."""

PartShare = Annotated[Number, Field(ge=0, lt=1)]
StepMs = Annotated[Number, Field(ge=0.001)]


@section
class AffineRanges:
    """Random magnification, shift and turn of each training frame."""

    scale: RangeOf[Positive] = key("smallest and largest magnification", (0.6, 1.0))
    translate: PairOf[Share] = key("largest shift, shares of width, height", (0.2, 0.2))
    degrees: Number = key("largest turn, either way", 0.0, "degrees", ge=0, le=180)

    @property
    def changes_frames(self) -> bool:
        return self != AffineRanges((1.0, 1.0), (0.0, 0.0), 0.0)


@section
class TrainingSettings:
    """How the CNN is trained."""

    epochs: Count = key("passes over the training frames", 4)
    batch_size: Count = key("frames, or recordings, of a training step", 256, "frames")
    optimizer: Literal["adam", "soap"] = key("soap: slower, but fewer steps", "adam")
    learning_rate: Positive = key("the optimizer's step size at the start", 0.001, le=1)
    schedule: Literal["constant", "cosine"] = key("course of the step size", "constant")
    affine: AffineRanges = key("random affine map of each frame", AffineRanges())
    # A ReLU at zero passes no gradient: a digit's output can die.
    loss_on: Literal["outputs", "potentials"] = key(
        "the final ReLU's outputs, or the potentials before, which can't die; these sum to 0 "
        "after training",
        "outputs",
    )
    precision: Literal["auto", "float32", "bfloat16"] = key(
        "type of activations; auto: bfloat16 where the processor multiplies it", "float32"
    )
    dropout: PartShare | None = key("share of dropout; null: the network's own", None)
    averaging: PartShare = key("decay of the weights' running average, which is kept; 0: none", 0.0)
    keep: Literal["best", "last"] = key("the epoch best on validation frames, or the last", "best")
    device: Literal["auto", "cpu", "cuda"] = key("each device trains other weights", "cpu")
    # Without it a large step kills ReLUs for good in the first steps, while Adam hardly knows the
    # gradients' size (Goyal et al. 2017, arXiv:1706.02677, section 2.2).
    warmup: Number = key("share of steps while the step size rises", 0.0, ge=0, le=0.5)


@named_section
class Variant(TrainingSettings):
    """A way to train the network: a method, and the section `training` with some changes."""

    method: Text = key("a module of training/methods, with - for _", RESCALED)
    start: Name | None = key("variant from whose weights it starts; null: fresh ones", None)
    start_scale: Factor = key("factor on the weights of the first layer at the start", 1.0)
    surrogate: Literal["straight", "ramp"] | None = key(
        "derivative of a spike count; null: ramp through time, straight on frames", None
    )
    synops: Positive | None = key(
        "limit of unpaid SynOps, of mac-loss MACs; null: none", None, SYNOPS_UNIT
    )
    synops_weight: Unsigned = key("weight of SynOps above the limit", 3.0)
    synops_start: Positive | None = key("limit at the start; null: synops", None, SYNOPS_UNIT)
    synops_fall: Number = key("share of steps while the limit falls", 0.5, gt=0, le=1)
    teacher_weight: Share = key("share of the CNN's outputs in the loss, beside labels", 0.0)
    teacher_temperature: Positive = key("temperature at which outputs are compared", 2.0)
    drawn_step_ms: RangeOf[StepMs] | None = key(
        "time steps of bptt, drawn for each batch; null: inference.step_ms", None, "ms"
    )
    frame_steps: Count = key("time steps over which a frame's events fall at random", 1)
    kept_share: Annotated[Number, Field(gt=0, le=1)] = key(
        "share of each layer's weights that pruned keeps, the largest", 0.5
    )
    percentile: Number = key("of outputs, which normalised maps to 1", 99.9, gt=0, le=100)
    scales: SetOf[Factor] | None = key("its scales; null: sweep.scales", None)
    cnn_scales: SetOf[Factor] | None = key(
        "scales at which its weights are also read as a CNN with whole activations; null: none",
        None,
    )
    min_v_mem: Number | None = key("as in conversion; left out: that", None, lt=0)
    weights: Folder | None = key("file of weights to take instead of training", None)

    @property
    def is_straight(self) -> bool:
        """Whether training takes the derivative of a ReLU for that of a spike count."""
        return self.surrogate == "straight" or (self.surrogate is None and not self.through_time)

    def synops_limit(self, done: float) -> float | None:
        """Return the limit on SynOps when a share of all steps is done; it falls geometrically."""
        if self.synops is None or self.synops_start is None:
            return self.synops
        left = max(0.0, 1 - done / self.synops_fall)
        return self.synops * (self.synops_start / self.synops) ** left

    @property
    def traits(self) -> Method:
        """What the study knows of its method."""
        module: DescribedMethod = load(METHODS, self.method, DescribedMethod)
        return module.METHOD

    @property
    def learns_on_outputs(self) -> bool:
        """Whether the loss is on the final ReLU's outputs. A teacher's outputs are potentials."""
        may = self.traits.may_learn_on_outputs
        return may and self.loss_on == "outputs" and not self.teacher_weight

    @property
    def through_time(self) -> bool:
        """Whether it trains on recordings in time steps."""
        return self.traits.through_time

    def images_of(self, step_ms: float) -> float:
        """Return the most images of a sample, over those in steps of `step_ms` or of one frame."""
        return step_ms / self.drawn_step_ms[0] if self.drawn_step_ms else self.frame_steps


def trained_by(variant: Variant) -> dict[str, object]:
    """Return what of a variant its training depends on; the start itself is a file."""
    settings = TypeAdapter(Variant).dump_python(variant, mode="json")
    return {key: settings[key] for key in settings if key not in ("start", *BESIDE_WEIGHTS)}


def _mistakes(name: str, variant: Variant, variants: Mapping[str, Variant]) -> Iterator[str]:
    """Yield what is wrong with a variant for its method, from its key on."""
    method = f"method {variant.method}"
    traits = variant.traits
    starts = ", ".join(start for start in variants if start != name) or "another variant"
    if variant.start is None and variant.method != RESCALED:
        yield f"start is empty, but {method} starts from a trained network; name one of {starts}."
    if variant.start is not None and (variant.start == name or variant.start not in variants):
        yield f"start is {variant.start!r}, expected one of {starts}; name one, or leave it out."
    if variant.synops is None and traits.pays == "must":
        yield f"synops is empty, expected the limit of SynOps of {method}; set it, such as 500000."
    if variant.synops is not None and traits.pays == "no":
        yield f"synops is {variant.synops:g}, but {method} doesn't pay for SynOps; leave it out."
    if variant.cnn_scales is None and not traits.is_converted:
        yield f"cnn_scales is empty, but {method} trains a CNN; set it, such as [0.71, 1.0, 1.41]."
    if variant.drawn_step_ms and not variant.through_time:
        yield f"drawn_step_ms is set, but {method} trains on no time steps; leave it out."
    if variant.frame_steps > 1 and not traits.is_split:
        steps = f"frame_steps is {variant.frame_steps}"
        yield f"{steps}, but {method} reads a frame's events at once; leave it out."
    if variant.teacher_weight and not traits.is_taught:
        weight = f"teacher_weight is {variant.teacher_weight:g}"
        yield f"{weight}, but no CNN teaches {method}; leave it out."


def check_variants(variants: Mapping[str, Variant]) -> None:
    """Raise StudyError if a variant's keys don't fit its method, or starts lead in a circle.

    A key doesn't fit if the method needs it and it is empty, or if the method has no use for it.
    """
    for name, variant in variants.items():
        for sentence in _mistakes(name, variant, variants):
            raise StudyError(f"config key variants.{name}.{sentence}")
    for name in variants:
        chain = [name]
        while (start := variants[chain[-1]].start) is not None:
            if start in chain:
                circle = " from ".join([*chain[chain.index(start) :], start])
                raise StudyError(
                    f"config key variants.{name}.start leads in a circle ({circle}), expected a "
                    "chain that ends at a variant without start; change one of them."
                )
            chain.append(start)
