"""The two sides of the comparison. A spiking network's operations are SynOps, a CNN's are MACs."""

from typing import Final, Literal

Side = Literal["spiking", "cnn"]

SPIKING: Final = "spiking"
CNN: Final = "cnn"
