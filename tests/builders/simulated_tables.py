"""Tables and maps of a simulated study, made up."""

import functools

import numpy as np
import pandas as pd

from dvs_snn.files.tables import schema
from dvs_snn.probes.calibration import UNITS, calibration_table
from dvs_snn.probes.event_statistics import STATISTICS
from dvs_snn.probes.realism import compare
from dvs_snn.probes.sensors import NOMINAL_CONDITION

REAL = {
    4: (7.1, 0.50, 287, 0.958, 10.4, 4.6),
    8: (25.8, 0.538, 56.7, 0.955, 2.7, 2.6),
    16: (57.0, 0.523, 132, 0.981, 4.7, 4.1),
}


def make_calibration():
    """As the study makes it; the simulated recordings of scale 8 are too many by a third."""
    real = pd.DataFrame(
        [
            {"scale": scale, "quantity": quantity, "value": value, "n": 1, "duration_s": 2.0}
            for scale in REAL
            for quantity, value in zip(UNITS, REAL[scale], strict=True)
        ]
    )
    random = np.random.default_rng(0)
    simulated = {}
    for scale in REAL:
        values = random.uniform(0.95, 1.05, (20, len(UNITS))) * REAL[scale]
        rate = random.uniform(0.8, 1.2, 20) * REAL[scale][0] * (1.33 if scale == 8 else 1)
        simulated[scale] = pd.DataFrame(values, columns=list(UNITS)).assign(event_rate_keps=rate)
    return calibration_table(real, simulated)


@functools.cache
def make_realism(n=12):
    """As the study makes it; the simulated recordings have too few lone events."""
    random = np.random.default_rng(6)
    symbols = [f"{digit}/{number:04d}" for digit in range(2) for number in range(1, n + 1)]

    def drawn():
        values = random.normal(10, 1, (len(symbols), len(STATISTICS)))
        return pd.DataFrame(values, index=symbols, columns=list(STATISTICS))

    real, simulated, wrong = drawn(), drawn(), drawn() + 5
    simulated["lone_share"] -= 5
    rows = [
        *compare(real, simulated, NOMINAL_CONDITION, seed=1),
        *compare(real, wrong, ("noise", "doubled"), seed=1),
    ]
    return pd.DataFrame(rows, columns=schema("realism"))
