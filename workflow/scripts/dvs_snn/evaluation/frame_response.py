"""The answer of the CNN to the frames of one recording."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dvs_snn.engines.response import running_prediction


@dataclass(frozen=True, eq=False)
class FrameResponse:
    """What the CNN answered to each frame of a recording, and what it computed for that.

    A recording may have no frame.

    Attributes:
        outputs: float32 (frame, class), not negative.
        macs_nonzero: int64 (frame,), MACs of all layers at activations that aren't 0.
        layer_sums: int64 (frame, layer, 3), until then: inputs of each weighted layer that aren't
            0, behind its pools; MACs at these; frames.
    """

    outputs: np.ndarray
    macs_nonzero: np.ndarray
    layer_sums: np.ndarray

    @classmethod
    def of(cls, outputs: np.ndarray, by_layer: np.ndarray) -> "FrameResponse":
        """Return the response from what was counted of each frame.

        Args:
            outputs: float32 (frame, class).
            by_layer: int64 (frame, layer, 2), inputs that aren't 0, and MACs at these.
        """
        one_frame = np.ones((*by_layer.shape[:2], 1), np.int64)
        layer_sums = np.cumsum(np.concatenate([by_layer, one_frame], axis=2), axis=0)
        return cls(outputs, by_layer[..., 1].sum(axis=1), layer_sums)

    @cached_property
    def predictions(self) -> np.ndarray:
        """The digit by the sums of outputs after each frame, int64 (frame,); -1: all are 0."""
        return running_prediction(self.outputs)

    @property
    def predicted(self) -> int | None:
        """The digit that it read at the end; None where all outputs are 0, which is wrong."""
        return int(self.predictions[-1]) if self.outputs.any() else None
