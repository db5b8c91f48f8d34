"""The measured rows as text."""

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


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; the first column is text, the others are aligned right."""
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def number(value: float, digits: int = 0) -> str:
    """Return a number with thousands separated."""
    return f"{value:,.{digits}f}"


def _ratios(rows: list[dict]) -> str:
    """Say how many times as fast as sinabs and as the best peer our engine is."""
    median = {row["engine"]: row["median"] for row in rows}
    best = max(median.keys() - {"own", "own-events", "ann"}, key=lambda name: median[name])
    of_sinabs, of_best = (median["own"] / median[name] for name in ("sinabs", best))
    return (
        f"This study's engine: {of_sinabs:.1f} x sinabs, {of_best:.1f} x the best peer "
        f"({TITLES[best]})."
    )


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
    parts = ["# Results of the benchmark", "", _machine_section(about), "## Inference"]
    for condition in sorted({row["condition"] for row in rows}):
        group = [row for row in rows if row["condition"] == condition]
        first = group[0]
        title = f"### Scale {first['scale']:.2f}, {counted(first['threads'])}, "
        title += f"{first['recordings']:,} recordings"
        parts += [title, "", _inference_table(group), "", _ratios(group), ""]
    return "\n".join(parts).rstrip() + "\n"
