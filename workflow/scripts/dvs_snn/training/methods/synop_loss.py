"""The quantised CNN, which also pays for its synaptic operations above a limit.

Sorbaro et al. 2020 (Front. Neurosci. 14:662) train so, with a squared distance to a target of
SynOps. Here SynOps cost relu(log(SynOps / limit)) times a weight, both of the variant.
"""

from dvs_snn.settings.training_settings import Method
from dvs_snn.training.methods import quantised

METHOD = Method(pays="must", is_split=True)
forward_of = quantised.forward_of
finish = quantised.finish
