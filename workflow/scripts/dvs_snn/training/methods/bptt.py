"""The spiking network itself, trained on time steps by backpropagation through time.

The forward pass is that of the converted network, to the spike: its neurons fire several times a
step, subtract, and have their lower bound. The backward pass takes surrogate gradients (Neftci et
al. 2019, IEEE Signal Process. Mag. 36:51; `dvs_snn.training.neurons`). The loss is taken on the
currents of the last layer, summed over the recording; above a limit SynOps cost as in `synop-loss`.
With `drawn_step_ms` each batch has time steps of another length, drawn evenly on a log scale.
"""

from dvs_snn.settings.training_settings import Method
from dvs_snn.training.methods import quantised

# Through time, spikes are counted exactly.
METHOD = Method(through_time=True, pays="may", is_mixed=False, is_taught=False)
forward_of = quantised.forward_of
finish = quantised.finish
