"""The spiking network itself, trained on time steps by backpropagation through time.

The forward pass is that of the converted network, to the spike: its neurons fire several times a
step, subtract, and have their lower bound. The backward pass takes surrogate gradients (Neftci et
al. 2019, IEEE Signal Process. Mag. 36:51; `dvs_snn.training.neurons`). The loss is taken on the
currents of the last layer, summed over the recording; above a limit SynOps cost as in `synop-loss`.
With `drawn_step_ms` each batch has time steps of another length, drawn evenly on a log scale.
"""

from typing import Literal

from dvs_snn.settings.base import key, named_section
from dvs_snn.settings.method_settings import Converted, Further, OnRecordings, Pays, Spiking
from dvs_snn.settings.training_settings import GradientSettings
from dvs_snn.training.methods import quantised


# Through time, spikes are counted exactly: there is no key `precision`.
@named_section
class BpttSettings(Further, Converted, GradientSettings, OnRecordings, Spiking, Pays):
    """The settings of `bptt`."""

    surrogate: Literal["straight", "ramp"] = key("derivative of a spike count", "ramp")


SETTINGS = BpttSettings
forward_of = quantised.forward_of
finish = quantised.finish
