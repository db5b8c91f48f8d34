"""The measured rows as text."""

import math
from collections.abc import Iterable, Sequence

from speed.parts import counted

TITLES = {
    "own": "this study (own engine)",
    "own-events": "this study, by single events",
    "sinabs": "sinabs",
    "sinabs-steps": "sinabs, step by step",
    "snntorch": "snnTorch",
    "spikingjelly": "spikingjelly",
    "norse": "norse",
    "compiled": "torch.compile, step by step",
    "ann": "dense ANN forward",
}
TARGETS = {"sinabs": 8.0, "peer": 4.0}


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; the first column is text, the others are aligned right."""
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands separated; nothing for what isn't there."""
    if value is None or math.isnan(value):
        return ""
    return f"{value:,.{digits}f}"


def is_peer(row: dict) -> bool:
    """Say whether a row is another library's, with the same neurons."""
    return row["engine"] not in ("own", "own-events", "ann")


def ratios(rows: list[dict]) -> dict[str, float | str]:
    """Return how many times sinabs and how many times the best peer our engine is."""
    median = {row["engine"]: row["median"] for row in rows}
    best = max((row for row in rows if is_peer(row)), key=lambda row: row["median"])
    return {
        "sinabs": median["own"] / median["sinabs"],
        "peer": median["own"] / best["median"],
        "best": TITLES[best["engine"]],
    }


def _inference_table(rows: list[dict]) -> str:
    sinabs = next(row for row in rows if row["engine"] == "sinabs")
    return table(
        ["contestant", "batch", "layout", "steps/s: min", "median", "max", "x sinabs",
         "peak MB", "digits as sinabs", "all spikes as sinabs"],
        [
            [
                TITLES[row["engine"]],
                "" if row["engine"].startswith("own") else row["batch_size"],
                "" if row["engine"].startswith("own") else row["layout"],
                number(row["min"]), f"**{number(row['median'])}**", number(row["max"]),
                number(row["median"] / sinabs["median"], 2), number(row["peak_mb"]),
                "" if row["engine"] == "ann" else f"{row['digits_equal']} of {row['n']}",
                "" if row["spikes_equal"] is None else f"{row['spikes_equal']:.0f} of {row['n']}",
            ]
            for row in rows
        ],
    )  # fmt: skip


def _inference_section(rows: list[dict]) -> str:
    parts = ["## Inference"]
    for condition in sorted({row["condition"] for row in rows}):
        group = [row for row in rows if row["condition"] == condition]
        first, ratio = group[0], ratios(group)
        title = f"### Scale {first['scale']:.2f}, {counted(first['threads'])}, "
        title += f"{first['recordings']:,} recordings"
        remark = (
            f"This study's engine: {ratio['sinabs']:.1f} x sinabs, {ratio['peer']:.1f} x the "
            f"best peer ({ratio['best']}). Aim: {TARGETS['sinabs']:g} x and {TARGETS['peer']:g} x."
        )
        parts += [title, "", _inference_table(group), "", remark, ""]
    return "\n".join(parts)


def _machine_section(about: dict) -> str:
    machine = about["machine"]
    versions = ", ".join(f"{key} {value}" for key, value in machine["versions"].items())
    return "\n".join([
        f"- date: {about['date']}; material: {about['origin']}",
        f"- machine: {machine['processor']} ({machine['features']}), {machine['cores']} cores, "
        f"{machine['memory_gb']} GB, {machine['system']}",
        f"- versions: {versions}",
        f"- {about['repeats']} interleaved repeats; load (running processes, a minute's average) "
        f"before: {about['load']}",
        "",
    ])  # fmt: skip


def markdown(rows: list[dict], about: dict) -> str:
    """Return the page of results."""
    parts = ["# Results of the benchmark", "", _machine_section(about), _inference_section(rows)]
    return "\n".join(parts).rstrip() + "\n"
