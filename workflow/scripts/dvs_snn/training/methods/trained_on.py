"""A control: the CNN trained on, as long as other methods and with their teacher.

It neither counts spikes nor pays for SynOps. What it gains over its start, longer training gains.
"""

from dvs_snn.settings.training_settings import Method
from dvs_snn.training.methods import rescaled

METHOD = Method(may_learn_on_outputs=True)
forward_of = rescaled.forward_of
finish = rescaled.finish
