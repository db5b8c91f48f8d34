"""Tables and maps of a simulated study, made up."""

import functools

import numpy as np
import pandas as pd

from dvs_snn.files.tables import schema
from dvs_snn.realism.calibration import QUANTITIES, REAL_COLUMNS, calibration_table
from dvs_snn.realism.separation import NOMINAL, compare

REAL_RATES = {4: 7.1, 8: 25.8, 16: 57.0}
"""Events of real recordings of each size, in k events/s."""


def real_quantities(scale=4, half="odd", duration_s=2.2, begin_s=0.0, label=0, n=1, **values):
    """Return equal real recordings of one size and half; a quantity that isn't named is 0.5."""
    of_file = {
        "recording": "a file",
        "scale": scale,
        "label": label,
        "half": half,
        "duration_s": duration_s,
        "begin_s": begin_s,
    }
    row = of_file | dict.fromkeys(QUANTITIES, 0.5) | values
    return pd.DataFrame([row] * n, columns=[*REAL_COLUMNS, *QUANTITIES])


def make_calibration():
    """As the study makes it; the simulated events of size 8 are too many by a third."""
    random = np.random.default_rng(0)
    real = []
    simulated = []
    for scale, rate in REAL_RATES.items():
        for half in ("odd", "even"):
            real.append(real_quantities(scale, half, n=5, event_rate_keps=rate))
        values = random.uniform(0.49, 0.51, (20, len(QUANTITIES)))
        rates = random.uniform(0.9, 1.1, 20) * rate * (1.33 if scale == 8 else 1)
        of_scale = pd.DataFrame(values, columns=list(QUANTITIES))
        simulated.append(of_scale.assign(scale=scale, event_rate_keps=rates))
    return calibration_table(pd.concat(real), pd.concat(simulated))


@functools.cache
def make_realism(n=12):
    """As the study makes it; the simulated recordings have too few lone events."""
    random = np.random.default_rng(6)
    statistics = ["n_events", "on_share", "lone_share"]
    symbols = [f"{digit}/{number:04d}" for digit in range(2) for number in range(1, n + 1)]

    def drawn():
        values = random.normal(10, 1, (len(symbols), len(statistics)))
        return pd.DataFrame(values, index=symbols, columns=statistics)

    real, simulated, wrong = drawn(), drawn(), drawn() + 5
    simulated["lone_share"] -= 5
    rows = [
        *compare(real, simulated, NOMINAL, seed=1),
        *compare(real, wrong, ("noise", "doubled"), seed=1),
    ]
    return pd.DataFrame(rows, columns=schema("realism"))
