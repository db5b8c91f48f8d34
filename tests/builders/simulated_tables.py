"""Tables and maps of a simulated study, made up."""

import functools
from itertools import product

import numpy as np
import pandas as pd
from result_tables import make_probes, probe_rows

from dvs_snn.files.tables import schema
from dvs_snn.probes.calibration import UNITS, calibration_table
from dvs_snn.probes.event_statistics import STATISTICS
from dvs_snn.probes.kinds import idle, profile, sensitivity
from dvs_snn.probes.pairs import paired_table
from dvs_snn.probes.realism import compare, compare_halves
from dvs_snn.probes.sensors import NOMINAL_CONDITION
from dvs_snn.report.figures import failures as failures_figure
from dvs_snn.report.figures import twins as twins_figure
from dvs_snn.report.style import styled

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


def make_probes_of_simulated():
    """Beside changes of how networks run one of the sensor, what idling costs, and a profile."""
    network = {"variant": "plain", "seed": 1}
    key = "rescaled", 2.0
    idling = [("seconds", 60.0), ("window_ms", 200.0), ("n_validation", 800)]
    rows = [
        make_probes(),
        probe_rows(
            sensitivity, [("recordings", 100), ("moved", 1)], ("threshold", "halved"), "test",
            *key, **network,
        ),
        probe_rows(idle, idling, ("scene", "blank"), "mnist-dvs", *key, **network),
        probe_rows(profile, [("zeros", 3)], ("sensor", "threshold_on"), "mnist-dvs"),
    ]  # fmt: skip
    return pd.concat(rows, ignore_index=True).reindex(columns=rows[0].columns)


def make_pairs(n_per_digit=12):
    random = np.random.default_rng(1)
    rows = []
    for digit in range(10):
        for k in range(1, n_per_digit + 1):
            real = random.uniform(2500, 5500) * (0.7 if digit == 1 else 1)
            rows.append(
                {
                    "symbol": f"{digit}/{k:04d}",
                    "label": digit,
                    "real_n_events": round(real),
                    "ours_n_events": round(1.05 * real + random.normal(0, 300)),
                }
            )
    return pd.DataFrame(rows)


def make_paired(real_files=True):
    """As the study makes it of pairs of recordings."""
    pairs = make_pairs()
    sides = ("real", "ours")
    columns = {"map_correlation": 0.7, "map_correlation_shuffled": 0.5}
    columns |= {f"{side}_on_share": 0.5 for side in sides}
    for side, number in product(sides, (1, 2, 3)):
        columns[f"{side}_events_saccade_{number}"] = pairs[f"{side}_n_events"] // 3
    pairs = pairs.assign(**columns)
    if real_files:
        pairs = pairs.assign(real_predicted=pairs["label"], ours_predicted=pairs["label"])
    else:
        pairs = pairs.assign(map_correlation=np.nan, map_correlation_shuffled=np.nan)
    return paired_table(pairs, seed=1)


def make_maps(n=6, real=True):
    random = np.random.default_rng(2)
    images, ours, found = [], [], []
    for digit in range(n):
        image = np.zeros((28, 28), dtype=np.uint8)
        image[6:22, 8 + digit : 12 + digit] = 255
        images.append(image)
        ours.append(random.poisson(0.3, (34, 34)).astype(float))
        ours[-1][8:26, 10 + digit : 16 + digit] += random.poisson(12, (18, 6))
        if real:
            found.append(ours[-1] + random.poisson(1, (34, 34)))
    rows = {"drawn digit": images, "simulated": ours} | ({"real (N-MNIST)": found} if real else {})
    return [f"{digit}/0002" for digit in range(n)], rows


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


def make_features():
    """As the study makes it; doubled noise moves the features furthest."""
    random = np.random.default_rng(7)
    symbols = [f"{digit}/{number:04d}" for digit in range(4) for number in range(1, 21)]

    def drawn(shift):
        return pd.DataFrame(random.normal(shift, 1, (len(symbols), 3)), index=symbols)

    real = drawn(5)
    rows = [
        *compare_halves(real, drawn(5.3), NOMINAL_CONDITION, seed=1),
        *compare_halves(real, drawn(8), ("noise", "doubled"), seed=1),
    ]
    return pd.DataFrame(rows).assign(variant="plain", seed=1)[list(schema("features"))]


def make_failures(n=7):
    random = np.random.default_rng(3)
    rows = []
    for i in range(n):
        frame = random.poisson(0.05, (64, 64))
        frame[15:50, 20 + i : 28 + i] += random.poisson(4, (35, 8))
        predicted = "" if i == 2 else str((i + 5) % 10)
        rows.append((frame, str(i % 10), predicted, f"{i % 10}/mnist_{i % 10}_scale08_0012"))
    return rows


def every_simulated_figure():
    figures = {
        "twins": lambda: twins_figure.plot(*make_maps()),
        "twins_simulated": lambda: twins_figure.plot(*make_maps(real=False)),
        "failures": lambda: failures_figure.plot(make_failures(20), "Misread simulated recordings"),
    }
    return {name: styled()(draw) for name, draw in figures.items()}
