"""Sensitivity: one sensor part switched off or doubled, and the network as it was trained.

All conditions show the same symbols on the same paths to the same pixels: whatever is random comes
from generators by name, so two conditions differ in what was changed and are compared in pairs.
"""

import copy
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.contingency_tables import mcnemar

from dvs_snn.conversion import Converted
from dvs_snn.errors import StudyError
from dvs_snn.evaluation import evaluate_samples
from dvs_snn.framing import Placement, StepEvents
from dvs_snn.job import Progress
from dvs_snn.power import EnergyModel
from dvs_snn.samples import InferenceSettings, Sample, prepare
from dvs_snn.simulation import Take, in_order, nominal_sensor, nominal_take, set_takes
from dvs_snn.statistics import wilson_interval
from dvs_snn.symbols import Symbols
from dvs_snn.tablefile import read_table, write_table
from dvs_snn.tables import evaluation_row

SENSITIVITY_COLUMNS = (
    "part", "change", "n_recordings", "n_symbols", "events_per_recording", "accuracy",
    "accuracy_low", "accuracy_high", "ann_accuracy", "difference", "difference_low",
    "difference_high", "p_value", "synops_per_recording", "synops_per_3000_events",
    "synops_per_event",
)  # fmt: skip
NOMINAL = ("nominal", "none")

_THRESHOLDS = ("threshold_on", "threshold_off")
_NOISE = ("leak_hz", "shot_noise_hz", "hot_hz")
# (part, change) -> factors on the sensor's values and on the scene's; 0 switches off.
_FACTORS: dict[tuple[str, str], tuple[dict[str, float], dict[str, float]]] = {
    NOMINAL: ({}, {}),
    ("threshold", "doubled"): (dict.fromkeys(_THRESHOLDS, 2), {}),
    ("threshold", "halved"): (dict.fromkeys(_THRESHOLDS, 0.5), {}),
    ("mismatch", "off"): ({"mismatch": 0}, {}),
    ("mismatch", "doubled"): ({"mismatch": 2}, {}),
    ("noise", "off"): (dict.fromkeys(_NOISE, 0), {}),
    ("noise", "doubled"): (dict.fromkeys(_NOISE, 2), {}),
    # The backlight's flicker, and the monitor's: a picture that moves by jumps. Pixels that follow
    # twice as fast soften the jumps half as long; at a refresh of 0 the digit moves smoothly.
    ("flicker", "off"): ({}, {"flicker_depth": 0, "refresh_hz": 0}),
    ("flicker", "doubled"): ({}, {"flicker_depth": 2, "response_ms": 0.5}),
    # A cutoff of 0 is infinitely fast.
    ("bandwidth", "off"): ({"cutoff_hz": 0}, {}),
    ("bandwidth", "doubled"): ({"cutoff_hz": 2}, {}),
    ("bandwidth", "halved"): ({"cutoff_hz": 0.5}, {}),
}


def changed_settings(simulation: dict, scene: str) -> dict[tuple[str, str], dict]:
    """Return the config's `simulation` under each (part, change), the nominal one first.

    Only the scene and the sensor that it uses are changed. A part that is off already stays so:
    its settings then equal the nominal ones.
    """
    changed: dict[tuple[str, str], dict] = {}
    for condition, (on_sensor, on_scene) in _FACTORS.items():
        settings = copy.deepcopy(simulation)
        own = settings["scenes"][scene]
        for section, factors in ((settings["sensors"][own["sensor"]], on_sensor), (own, on_scene)):
            for key, factor in factors.items():
                # Only the monitor's scene has a refresh; without one its pixels' speed is idle.
                if key in section and not (key == "response_ms" and not section["refresh_hz"]):
                    section[key] *= factor
        changed[condition] = settings
    return changed


def sensitivity_takes(simulation: dict, symbols: Symbols, scene: str, per_digit: int) -> list[Take]:
    """List the first test symbols of each digit, each in the very take that the test set holds."""
    takes = set_takes(simulation, symbols, scene, "test")
    return [
        take
        for digit in range(10)
        for take in [take for take in takes if take.label == digit][:per_digit]
    ]


def paired_interval(both: int, first: int, second: int, neither: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two shares of the same symbols.

    Args:
        both, neither: symbols read right under both conditions and under neither.
        first, second: symbols read right under one alone; the difference is first minus second.

    Wilson's intervals of both shares, squared and added, with the correlation of the pairs. It has
    a width even where no symbol changed sides, as a bootstrap hasn't.

    Source: Newcombe 1998, Stat. Med. 17:2635, method 10, which neither statsmodels nor scipy has.
    """
    n = both + first + second + neither
    share, other = (both + first) / n, (both + second) / n
    low, high = wilson_interval(share, n)
    other_low, other_high = wilson_interval(other, n)
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    excess = both * neither - first * second
    if excess > 0:
        excess = max(excess - n / 2, 0)
    correlation = excess / math.sqrt(margins) if margins else 0.0

    def reach(a: float, b: float) -> float:
        return math.sqrt(max(a * a - 2 * correlation * a * b + b * b, 0.0))

    difference = (first - second) / n
    return (
        difference - reach(share - low, other_high - other),
        difference + reach(high - share, other - other_low),
    )


def compare_with_nominal(changed: Sequence[int], nominal: Sequence[int]) -> dict[str, float]:
    """Return the difference of two accuracies on the same recordings, one of each symbol.

    Args:
        changed, nominal: 1 where a recording was read right, else 0, in the same order.

    Returns:
        `difference` (changed minus nominal), its interval, and the p value of McNemar's exact
        test.
    """
    after, before = np.asarray(changed, dtype=bool), np.asarray(nominal, dtype=bool)
    both, first = int((after & before).sum()), int((after & ~before).sum())
    second, neither = int((~after & before).sum()), int((~after & ~before).sum())
    low, high = paired_interval(both, first, second, neither)
    return {
        "difference": (first - second) / len(after),
        "difference_low": low,
        "difference_high": high,
        "p_value": float(mcnemar([[both, first], [second, neither]], exact=True).pvalue),
    }


def _unseen(take: Take, duration_s: float, settings: InferenceSettings) -> Sample:
    """Return a recording in which the sensor sent nothing: empty steps for its whole length."""
    nothing = np.empty(0, dtype=np.int64)
    n_steps = math.ceil(duration_s * 1e6 / settings.step_us)
    steps = StepEvents(nothing, nothing, nothing, n_steps, 0)
    return Sample(take.name, take.symbol, take.label, "", steps, 0, 0.0, frames=[])


def condition_samples(
    takes: Sequence[Take],
    symbols: Symbols,
    simulation: dict,
    placement: Placement,
    settings: InferenceSettings,
    seed: int,
    threads: int,
) -> Iterator[Sample]:
    """Make the recordings of one condition, in order, without any file."""
    scene = takes[0].scene
    sensor = nominal_sensor(simulation, scene, seed)

    def make(take: Take) -> Sample:
        try:
            recording = nominal_take(take, symbols, simulation, sensor, seed)
        except StudyError:  # not a single event: a result here, no mistake
            return _unseen(take, simulation["scenes"][scene]["duration_s"], settings)
        return prepare(take.name, take.symbol, take.label, "", recording, placement, settings)

    return in_order(make, takes, threads)


def _without_guesses(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Count recordings without any event as silent, whatever a network's biases say to them."""
    unseen = outcomes["n_events"] + outcomes["n_events_outside"] == 0
    return outcomes.assign(
        predicted=outcomes["predicted"].mask(unseen),
        correct=outcomes["correct"].mask(unseen, 0),
        silent=outcomes["silent"].mask(unseen, 1),
    )


def measure_sensitivity(
    converted: Converted,
    scale: float,
    symbols: Symbols,
    simulation: dict,
    scene: str,
    per_digit: int,
    placement: Placement,
    settings: InferenceSettings,
    seed: int,
    threads: int,
    progress: Progress,
) -> pd.DataFrame:
    """Measure accuracy and SynOps under every condition of `changed_settings`.

    Args:
        scale: of the network's first layer, chosen on nominal recordings.
        simulation: the config's `simulation`.
        per_digit: test symbols of each digit.
        seed: the study's seed: that of its sensors and recordings.
        threads: recordings made at once; torch's threads are those of `settings`.

    Returns:
        A row per condition, of `SENSITIVITY_COLUMNS`. Interval and p value are empty where there
        is nothing to compare: nominal, and where settings equal the nominal ones.
    """
    takes = sensitivity_takes(simulation, symbols, scene, per_digit)
    changed = changed_settings(simulation, scene)

    def outcomes_under(own: dict) -> pd.DataFrame:
        samples = condition_samples(takes, symbols, own, placement, settings, seed, threads)
        outcomes, _ = evaluate_samples(converted, scale, samples, settings, progress, len(takes))
        return _without_guesses(outcomes)

    nominal = outcomes_under(changed[NOMINAL])
    rows = []
    for (part, change), own in changed.items():
        same = own == changed[NOMINAL]
        outcomes = nominal if same else outcomes_under(own)
        row = {"part": part, "change": change}
        # Energy isn't told here; SynOps stand for it.
        row = evaluation_row(outcomes, row, EnergyModel(0.0), settings.step_ms)
        row["events_per_recording"] = outcomes["n_events"].sum() / len(outcomes)
        row["difference"] = 0.0
        if not same:
            row |= compare_with_nominal(outcomes["correct"], nominal["correct"])
        rows.append(row)
        progress.say(f"{part} {change}: accuracy {row['accuracy']:.3f}")
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))


def quoted_scale(path: Path, variant: str, replicate: int) -> float:
    """Return the scale of a network that validation chose.

    Args:
        path: the table evaluation.csv.
        replicate: the training's number, its `seed` in the table.

    Raises:
        StudyError: the table chose none.
    """
    evaluation = read_table(path)
    rows = evaluation[
        (evaluation["set"] == "validation")
        & (evaluation["variant"] == variant)
        & (evaluation["seed"] == replicate)
        & (evaluation["chosen"] == 1)
    ]
    if len(rows) != 1:
        raise StudyError(
            f"{path}: has {len(rows)} chosen rows of set validation for variant {variant}, seed "
            f"{replicate}, expected one; run again with --forcerun gather."
        )
    return float(rows["scale"].iloc[0])


def write_sensitivity(
    table: pd.DataFrame, variant: str, replicate: int, scale: float, path: Path
) -> None:
    """Write a network's sensitivity with its variant, seed and scale in front."""
    whose = pd.DataFrame({"variant": variant, "seed": replicate, "scale": scale}, table.index)
    write_table(pd.concat([whose, table], axis=1), path)
