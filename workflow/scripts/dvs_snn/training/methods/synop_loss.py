"""The quantised CNN, which also pays for its synaptic operations above a limit.

Sorbaro et al. 2020 (Front. Neurosci. 14:662) train so, with a squared distance to a target of
SynOps. Here SynOps cost relu(log(SynOps / limit)) times a weight, both of the variant.
"""

from dvs_snn.settings.base import Positive, key, named_section
from dvs_snn.settings.method_settings import Pays
from dvs_snn.settings.training_settings import SYNOPS_UNIT
from dvs_snn.training.methods import quantised


@named_section
class SynopLossSettings(quantised.QuantisedSettings, Pays):
    """The settings of `synop-loss`: those of `quantised`, and a price."""

    synops: Positive = key("limit of unpaid SynOps", unit=SYNOPS_UNIT)


SETTINGS = SynopLossSettings
forward_of = quantised.forward_of
finish = quantised.finish
