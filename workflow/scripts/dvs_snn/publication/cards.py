"""Model cards: what a trained network is, what it read, and what it isn't for.

Every number comes from a result table or from the settings in force.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from dvs_snn.files.atomic import replacing
from dvs_snn.files.errors import listed
from dvs_snn.files.tables import read_table
from dvs_snn.networks.description import NETWORK_TABLE
from dvs_snn.results.summaries import EVALUATION_TABLE
from dvs_snn.training.curve import CURVE_COLUMNS

CARD = """\
# Network `{variant}`, training seed {seed}

Made by the study `{study}`, version {version}. Method `{method}`; {start}.

## What it is

A convolutional network for frames of events from a dynamic vision sensor (`{model}`, {weights:,}
weights, {macs:,} multiply-accumulates a frame), and the network of integrate-and-fire neurons that
it becomes. It names one of {n_classes} classes: {classes}.

| layer | output | weights |
|---|---|---:|
{layers}

Files: `training/{variant}/seed-{seed}/weights.safetensors` (CNN) and
`networks/{variant}/seed-{seed}.safetensors` (spiking). Where the study quotes the network,
`exports/{variant}/seed-{seed}/` has it in whole numbers. Licence: that of the code, MIT.

## What it was trained on

{data} {trained}

{settings}

## What it reads

At the points that validation chose.
Accuracy is over recordings, with its 95 % interval (Wilson, over symbols). Power is computed from
synaptic operations, not measured on a chip.

{results}

## What it is for

To study how accuracy hangs on synaptic operations, to compare methods and counters, and to try
chips and programs with a network whose spikes are known.

## What it isn't for

- It names classes alone: what shows none of them gets one all the same, or no answer.
- It knows single symbols, as the sensors and movements of its training show them. Your recordings
  may differ: `workflow/check.py` tells how far.
- Nothing about people, safety or money may hang on its answers.
- Power leaves out a chip's memory, input and output, and its power at rest unless the settings
  have it.
"""


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def results_of(evaluation: pd.DataFrame) -> str:
    """Return a network's chosen rows as a table, or a sentence where validation chose none."""
    rows = evaluation[evaluation["chosen"] == 1]
    if rows.empty:
        return "Validation chose none of its points: another variant of its method is quoted."
    lines = [
        "| set | recordings | scale | read right, % | CNN, % | SynOps per 3,000 events"
        " | power, mW |",
        "|---|---:|---:|---|---:|---:|---:|",
    ]
    for row in rows.sort_values(["set", "scale"], kind="stable").itertuples():
        interval = f"{_percent(row.accuracy_low)} to {_percent(row.accuracy_high)}"
        lines.append(
            f"| `{row.set}` | {row.n_recordings} | {row.scale:.2f} "
            f"| {_percent(row.accuracy)} ({interval}) | {_percent(row.ann_accuracy)} "
            f"| {row.synops_per_3000_events:,.0f} | {row.power_mw:.3g} |"
        )
    return "\n".join(lines)


def trained_words(curve: pd.DataFrame) -> str:
    """Return how a network was trained, from its curve; the weights may have been given."""
    if curve.empty:
        return "Its weights were given from a file: the study didn't train it."
    last = curve.sort_values("epoch").iloc[-1]
    words = f"It was trained for {int(last['epoch'])} epochs"
    if pd.notna(last["validation_accuracy"]):
        words += f"; after the last the CNN read {_percent(last['validation_accuracy'])} % of the "
        words += "validation frames right"
    return f"{words}. Training, validation and test share no symbol."


def data_words(config: Mapping[str, Any]) -> str:
    """Return where the training recordings came from."""
    source = config["data"]["source"]
    if source == "simulated":
        return (
            "Simulated recordings of MNIST's digits, by a model of the sensor that is fitted to "
            "real recordings. No real recording trained it."
        )
    return f"Recordings of the source `{source}`, which `provenance.json` names with hashes."


def card_of(
    variant: str, seed: int, config: Mapping[str, Any], version: str,
    evaluation: pd.DataFrame, training: pd.DataFrame, network: pd.DataFrame,
) -> str:  # fmt: skip
    """Return the card of one network as Markdown.

    Args:
        config: ``config.used.yaml``.
        evaluation, training, network: result tables of the study.
    """
    own = config["variants"].get(variant) or {}
    settings = {**config["training"], **own}
    of_network = [(table["variant"] == variant) & (table["seed"] == seed)
                  for table in (evaluation, training)]  # fmt: skip
    rows = evaluation[of_network[0]]
    start = "it starts from random weights"
    if own.get("start"):
        start = f"it starts from the network `{own['start']}` of the same seed"
    elif own.get("weights"):
        start = "its weights were given"
    layers = [
        f"| {row.layer} ({row.kind}) | {row.output_shape} | {row.weights:,} |"
        for row in network.itertuples()
    ]
    text = yaml.safe_dump(settings, sort_keys=True, allow_unicode=True)
    return CARD.format(
        variant=variant, seed=seed, study=config["study"], version=version,
        method=rows["method"].iloc[0] if len(rows) else settings.get("method", ""),
        start=start,
        model=config["model"]["name"], weights=int(network["weights"].sum()),
        macs=int(network["macs"].sum()), n_classes=len(config["data"]["classes"]),
        classes=listed(config["data"]["classes"]), layers="\n".join(layers),
        data=data_words(config), trained=trained_words(training[of_network[1]]),
        settings=f"Settings in force:\n\n```yaml\n{text}```", results=results_of(rows),
    )  # fmt: skip


def write_cards(
    networks: Mapping[tuple[str, int], Path], config: Path, version: str, tables: Mapping[str, Path]
) -> None:
    """Write the card of each network.

    Args:
        networks: path of the card by (variant, seed).
        tables: `evaluation`, `training` and `network`.
    """
    read = yaml.safe_load(config.read_text(encoding="utf-8"))
    columns = {"evaluation": EVALUATION_TABLE, "training": CURVE_COLUMNS, "network": NETWORK_TABLE}
    frames = {name: read_table(tables[name], own) for name, own in columns.items()}
    for (variant, seed), path in networks.items():
        text = card_of(variant, seed, read, version, **frames)
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
