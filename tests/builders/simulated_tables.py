"""Tables and maps of a simulated study, made up."""

import functools

import numpy as np
import pandas as pd
from jobs import quiet
from result_tables import every

from dvs_snn.evaluation.power import EnergyModel
from dvs_snn.files.tables import schema
from dvs_snn.probes.idle_table import idle_table
from dvs_snn.probes.profile import profile_table
from dvs_snn.probes.quantities import UNITS, Quantities, calibration_table
from dvs_snn.probes.sensor_changes import NOMINAL_CONDITION
from dvs_snn.probes.telling_apart.comparison import compare
from dvs_snn.probes.telling_apart.features import compare_features
from dvs_snn.probes.telling_apart.statistics import STATISTICS
from dvs_snn.report.figures import calibration as calibration_figure
from dvs_snn.report.figures import failures as failures_figure
from dvs_snn.report.figures import realism as realism_figure
from dvs_snn.report.figures import sensitivity as sensitivity_figure
from dvs_snn.report.figures import twin_counts as twin_counts_figure
from dvs_snn.report.figures import twins as twins_figure

REAL = {
    4: (7.1, 0.50, 287, 0.958, 10.4, 4.6),
    8: (25.8, 0.538, 56.7, 0.955, 2.7, 2.6),
    16: (57.0, 0.523, 132, 0.981, 4.7, 4.1),
}


def make_real(scales=(4, 8, 16)):
    """The table of real quantities as it ships, of the values above."""
    return pd.DataFrame(
        [
            {"scale": scale, "quantity": quantity, "value": value, "n": 1, "duration_s": 2.0}
            for scale in scales
            for quantity, value in zip(UNITS, REAL[scale], strict=True)
        ]
    )


def make_calibration(scales=(4, 8, 16)):
    """As the study makes it; the simulated recordings of scale 8 are too many by a third."""
    real = make_real(scales)
    random = np.random.default_rng(0)
    simulated = {
        scale: [
            Quantities(
                REAL[scale][0] * random.uniform(0.8, 1.2) * (1.33 if scale == 8 else 1),
                *(value * random.uniform(0.95, 1.05) for value in REAL[scale][1:]),
            )
            for _ in range(20)
        ]
        for scale in scales
    }
    return calibration_table(real, simulated)


def make_profile():
    """As the study makes it of a sensor whose rate alone depends on its thresholds and its blur."""
    settings = {
        "sensors": {"dvs128": {"threshold_on": 0.2, "mismatch": 0.03, "cutoff_hz": 150.0}},
        "scenes": {"mnist-dvs": {"sensor": "dvs128", "blur_px": 1.5, "period_s": 1.3}},
    }

    def measured(changed):
        threshold = changed["sensors"]["dvs128"]["threshold_on"] / 0.2
        blur = 1 + 0.1 * changed["scenes"]["mnist-dvs"]["blur_px"] / 1.5
        return {
            scale: [Quantities(values[0] * 1.1 / threshold / blur, *values[1:])] * 3
            for scale, values in REAL.items()
        }

    calibration = calibration_table(make_real(), measured(settings))
    return profile_table(settings, "mnist-dvs", calibration, measured, quiet())


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


def make_maps(n=6, real=True):
    random = np.random.default_rng(2)
    maps = []
    for digit in range(n):
        image = np.zeros((28, 28), dtype=np.uint8)
        image[6:22, 8 + digit : 12 + digit] = 255
        ours = random.poisson(0.3, (34, 34)).astype(float)
        ours[8:26, 10 + digit : 16 + digit] += random.poisson(12, (18, 6))
        found = ours + random.poisson(1, (34, 34)) if real else None
        maps.append((f"{digit}/0002", found, ours, image))
    return maps


CONDITIONS = (
    ("nominal", None),
    ("threshold", "halved"),
    ("threshold", "doubled"),
    ("mismatch", "0.1"),
    ("cutoff", "a third"),
    ("shot noise", "tenfold"),
    ("flicker", "off"),
    ("blur", "doubled"),
)


def make_sensitivity(seeds=(1, 2), variants=("plain",), conditions=CONDITIONS):
    rows = every(variant=variants, seed=seeds, place=range(len(conditions)))
    place = rows.pop("place")
    part, change = (place.map([pair[k] for pair in conditions].__getitem__) for k in (0, 1))
    is_changed = (part != "nominal").astype(int)
    difference = is_changed * (-0.012 * place + 0.004 * rows["seed"])
    return rows.assign(
        part=part,
        change=change,
        accuracy=0.953 + difference,
        accuracy_low=0.93 + difference,
        accuracy_high=0.97 + difference,
        difference=difference,
        difference_low=difference - 0.015 * is_changed,
        difference_high=difference + 0.015 * is_changed,
        synops_per_recording=2.0e6 * (0.6 + 0.2 * place).where(part != "nominal", 1),
        n_symbols=200,
    )


def make_idle(alarms=(0, 3)):
    """A network before the sensors of both scenes, for a minute each."""
    rows = [
        {
            "variant": "plain", "seed": seed, "scale": 2.0, "scene": scene, "seconds": 60.0,
            "n_events": events, "n_events_outside": 0, "synops": 600 * events,
            "output_spikes": 12, "window_ms": 200.0, "threshold_spikes": 4, "n_validation": 800,
            "false_alarms": n, "alarm_seconds": 0.3 * n,
        }
        for seed, n in zip((1, 2), alarms, strict=True)
        for scene, events in (("mnist-dvs", 10_980), ("saccades", 4_250))
    ]  # fmt: skip
    return idle_table(pd.DataFrame(rows), EnergyModel(10.0))


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
    return pd.DataFrame(rows, columns=list(schema("realism")))


def make_features():
    """As the study makes it; doubled noise moves the features furthest."""
    random = np.random.default_rng(7)
    symbols = [f"{digit}/{number:04d}" for digit in range(4) for number in range(1, 21)]

    def drawn(shift):
        return pd.DataFrame(random.normal(shift, 1, (len(symbols), 3)), index=symbols)

    real = drawn(5)
    rows = [
        *compare_features(real, drawn(5.3), NOMINAL_CONDITION, seed=1),
        *compare_features(real, drawn(8), ("noise", "doubled"), seed=1),
    ]
    return pd.DataFrame(rows).assign(variant="plain", seed=1)[list(schema("features"))]


def make_failures(n=7):
    random = np.random.default_rng(3)
    rows = []
    for i in range(n):
        frame = random.poisson(0.05, (64, 64))
        frame[15:50, 20 + i : 28 + i] += random.poisson(4, (35, 8))
        predicted = None if i == 2 else (i + 5) % 10
        rows.append((frame, i % 10, predicted, f"{i % 10}/mnist_{i % 10}_scale08_0012"))
    return rows


def every_simulated_figure():
    return {
        "calibration": lambda: calibration_figure.plot(make_calibration()),
        "twin_counts": lambda: twin_counts_figure.plot(make_pairs()),
        "twins": lambda: twins_figure.plot(make_maps()),
        "twins_simulated": lambda: twins_figure.plot(make_maps(real=False)),
        "realism": lambda: realism_figure.plot(make_realism()),
        "sensitivity": lambda: sensitivity_figure.plot(make_sensitivity()),
        "failures": lambda: failures_figure.plot(make_failures(20), "Misread simulated recordings"),
    }
