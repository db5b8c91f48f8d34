"""How the CNN is trained: the section `training`, which each variant may change."""

from typing import Annotated, Literal

from pydantic import Field

from dvs_snn.settings import base
from dvs_snn.settings.base import key, section


@section
class AffineRanges:
    """Random magnification, shift and turn of each training frame."""

    scale: base.range_of(base.Positive) = key("smallest and largest magnification", (0.6, 1.0))
    translate: base.pair_of(base.Share) = key(
        "largest shift either way, a share of width and of height", (0.2, 0.2)
    )
    degrees: base.Number = key("largest turn, either way", 0.0, "degrees", ge=0, le=180)


@section
class TrainingSettings:
    """How the CNN is trained."""

    epochs: base.Count = key("passes over the training frames", 4)
    batch_size: base.Count = key("frames of a training step", 256, "frames")
    learning_rate: base.Positive = key("Adam's step size at the start", 0.001)
    schedule: Literal["constant", "cosine"] = key(
        "course of the step size: constant, or cosine down to zero at the last step", "constant"
    )
    affine: AffineRanges = key("random affine map of each frame", AffineRanges())
    compute_threads: base.Count = key(
        "threads of torch; another number trains other weights, each repeatable", 2
    )
    # A ReLU at zero passes no gradient: a digit's output can die.
    loss_on: Literal["outputs", "potentials"] = key(
        "where the loss is taken: on the outputs of the final ReLU, as the tutorial does, or on "
        "the potentials before it, where a digit can't die",
        "outputs",
    )
    precision: Literal["auto", "float32", "bfloat16"] = key(
        "type of the activations in training; auto: bfloat16 where the processor multiplies it",
        "float32",
    )
    dropout: Annotated[base.Number, Field(ge=0, lt=1)] | None = key(
        "share that the network's dropout layers drop; null: as the network says", None
    )
    averaging: base.Number = key(
        "decay per step of the weights' running average, which is validated and kept; 0: none",
        0.0, ge=0, lt=1,
    )  # fmt: skip
    keep: Literal["best", "last"] = key(
        "the weights of which epoch: the best on validation frames, or the last", "best"
    )
    device: Literal["auto", base.Device] = key(
        "where the CNN is trained; auto takes a GPU that the job sees; each trains other weights",
        "cpu",
    )
    # Without it a large step kills ReLUs for good in the first steps, while Adam hardly knows the
    # gradients' size (Goyal et al. 2017, arXiv:1706.02677, section 2.2).
    warmup: base.Number = key(
        "share of all steps over which the step size rises to its start; 0: none",
        0.0, ge=0, le=0.5,
    )  # fmt: skip
    loss: base.Text = key(
        "what training minimises: a module of training/losses by its file name, with - for _",
        "cross-entropy",
    )
