"""A control: the CNN trained on, as long as other methods and with their teacher.

It neither counts spikes nor pays for SynOps. What it gains over its start, longer training gains.
"""

from dvs_snn.settings.base import named_section
from dvs_snn.settings.method_settings import Converted, Further, Taught
from dvs_snn.settings.training_settings import TrainingSettings
from dvs_snn.training.methods import rescaled


@named_section
class TrainedOnSettings(Further, Converted, TrainingSettings, Taught):
    """The settings of `trained-on`."""


SETTINGS = TrainedOnSettings
forward_of = rescaled.forward_of
finish = rescaled.finish
