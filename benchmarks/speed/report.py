"""The measured rows as text and as a figure."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.ticker import LogLocator, NullFormatter

from speed.parts import counted

TITLES = {
    "event": "this study (event engine)",
    "sinabs": "sinabs",
    "sinabs-steps": "sinabs, step by step",
    "snntorch": "snnTorch",
    "spikingjelly": "spikingjelly",
    "norse": "norse",
    "ann": "dense ANN forward",
    "snntorch-stock": "snnTorch, stock Leaky",
    "spikingjelly-stock": "spikingjelly, stock IFNode",
    "norse-stock": "norse, stock IAF",
}
COLOURS = {"event": "#1b6ca8", "sinabs": "#d1602b", "ann": "#9a9a9a"}
OTHER = "#c9a227"
TARGETS = {"sinabs": 8.0, "peer": 4.0, "tutorial": 4.0, "workers": 2.5}


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


def title_of(row: dict) -> str:
    """Return a contestant's name for a reader."""
    return TITLES[row["engine"]] + (" on the GPU" if row["device"] == "cuda" else "")


def is_peer(row: dict) -> bool:
    """Say whether a row is another library's, with the same neurons, on the same device."""
    other = row["engine"] not in ("event", "ann")
    return other and row["device"] == "cpu" and not row["engine"].endswith("-stock")


def ratios(rows: list[dict]) -> dict[str, float | str]:
    """Return how many times sinabs and how many times the best peer the event engine is."""
    median = {(row["engine"], row["device"]): row["median"] for row in rows}
    best = max((row for row in rows if is_peer(row)), key=lambda row: row["median"])
    ours = median["event", "cpu"]
    return {
        "sinabs": ours / median["sinabs", "cpu"],
        "peer": ours / best["median"],
        "best": title_of(best),
    }


def _inference_table(rows: list[dict]) -> str:
    sinabs = next(row for row in rows if (row["engine"], row["device"]) == ("sinabs", "cpu"))
    return table(
        ["contestant", "batch", "layout", "steps/s: min", "median", "max", "x sinabs",
         "peak MB", "digits as sinabs", "all spikes as sinabs"],
        [
            [
                title_of(row),
                "" if row["engine"] == "event" else row["batch_size"],
                "" if row["engine"] == "event" else row["layout"],
                number(row["min"]), f"**{number(row['median'])}**", number(row["max"]),
                number(row["median"] / sinabs["median"], 2), number(row["peak_mb"]),
                "" if row["engine"] == "ann" else f"{row['digits_equal']} of {row['n']}",
                "" if row["spikes_equal"] is None else f"{row['spikes_equal']:.0f} of {row['n']}",
            ]
            for row in rows
        ],
    )  # fmt: skip


def _conditions(rows: list[dict]) -> list[list[dict]]:
    return [
        [row for row in rows if row["condition"] == part]
        for part in sorted({row["condition"] for row in rows})
    ]


def _inference_section(rows: list[dict]) -> str:
    parts = ["## Inference"]
    for group in _conditions(rows):
        first = group[0]
        stock = any(row["engine"].endswith("-stock") for row in group)
        title = f"### Scale {first['scale']:.2f}, {counted(first['threads'])}, "
        title += f"{first['recordings']:,} recordings"
        parts += [title + (" (stock neurons: another model)" if stock else ""), ""]
        parts += [_inference_table(group), ""]
        if not stock:
            found = ratios(group)
            parts += [
                f"This study's engine: {found['sinabs']:.1f} x sinabs, {found['peer']:.1f} x the "
                f"best peer ({found['best']}). Aim: {TARGETS['sinabs']:g} x and "
                f"{TARGETS['peer']:g} x.",
                "",
            ]
    return "\n".join(parts)


def _first_use_section(rows: list[dict]) -> str:
    lines = ["## First use", ""]
    for kernels in ("compiled", "from the cache"):
        found = sorted(row["seconds"] for row in rows if row["kernels"] == kernels)
        lines.append(
            f"- first recording of a process, kernels {kernels}: {found[0]:.1f} to "
            f"{found[-1]:.1f} s, median {found[len(found) // 2]:.1f} s (imports included, torch's "
            "not)"
        )
    return "\n".join([*lines, ""])


def training_ratios(rows: list[dict]) -> list[tuple[str, float, float, float]]:
    """Return per loop of this study: times the tutorial's, its two workers', share of the limit."""
    by_name = {row["contestant"]: row for row in rows}
    one = by_name["tutorial, one process"]["median"]
    two = by_name["tutorial, two workers"]["median"]
    found = []
    for row in rows:
        if row["loop"] not in ("ours", "study"):
            continue
        precision = "bfloat16" if "bfloat16" in row["contestant"] else "float32"
        about = f"{precision}, batch {row['batch_size']}, {counted(row['threads'])}"
        most = by_name.get(f"limit, {about}")
        # Two trainings at once have no limit measured.
        alone = most and "side by side" not in row["contestant"]
        share = row["median"] / most["median"] if alone else math.nan
        found.append((row["contestant"], row["median"] / one, row["median"] / two, share))
    return found


def _training_section(rows: list[dict]) -> str:
    ratio = {name: rest for name, *rest in training_ratios(rows)}
    body = []
    for row in rows:
        times = ratio.get(row["contestant"], [math.nan] * 3)
        loss = ""
        if number(row["loss"]):
            loss = f"{row['loss']:.3f} ({row['loss_min']:.3f} to {row['loss_max']:.3f})"
        body.append([
            row["contestant"], row["batch_size"], number(row["min"]),
            f"**{number(row['median'])}**", number(row["max"]), number(times[0], 2),
            number(times[1], 2), "" if math.isnan(times[2]) else f"{times[2]:.0%}",
            number(row["peak_mb"]), loss,
        ])  # fmt: skip
    header = [
        "loop", "batch", "frames/s: min", "median", "max", "x one process", "x two workers",
        "of the limit", "peak MB", "loss of the last epoch, mean (seeds)",
    ]  # fmt: skip
    return "\n".join([
        "## Training", "", table(header, body), "",
        f"Aim: {TARGETS['tutorial']:g} x the tutorial's single process and "
        f"{TARGETS['workers']:g} x its two workers. The limit is forward, backward and Adam on one "
        "resident batch, with as many threads. The study's own settings draw no affine, another "
        "loss and another learning rate, so that its loss isn't the tutorial's. Methods after the "
        "CNN (quantised to bptt) start from the network above; bptt counts time steps, not "
        "frames.", "",
    ])  # fmt: skip


def _scaling_section(rows: list[dict]) -> str:
    body = [
        [TITLES[row["engine"]], row["against"], f"{row['exponent']:.2f}",
         number(row.get("ns_per_synop"), 2), number(row.get("us_at_rest"), 1)]
        for row in rows
    ]  # fmt: skip
    header = ["contestant", "against", "exponent", "ns a SynOp", "us a step without any"]
    return "\n".join([
        "## Scaling", "",
        "Time grows as the x-th power of the number of recordings, of steps (recordings shown "
        "again and again in a row), and of SynOps a step (activity: scale 0.10 to 10.00).", "",
        table(header, body), "",
    ])  # fmt: skip


def _simulator_section(rows: list[dict]) -> str:
    body = [
        [row["scene"], row["threads"], number(row["min"], 1), f"**{number(row['median'], 1)}**",
         number(row["max"], 1), number(row["events_per_s"] / 1000), number(row["peak_mb"])]
        for row in rows
    ]  # fmt: skip
    header = ["scene", "threads", "recordings/s: min", "median", "max", "k events/s", "peak MB"]
    return "\n".join(["## Simulator, step 1 ms", "", table(header, body), ""])


def _machine_section(about: dict) -> str:
    machine = about["machine"]
    versions = ", ".join(f"{key} {value}" for key, value in machine["versions"].items())
    return "\n".join([
        f"- date: {about['date']}; material: {about['origin']}",
        f"- machine: {machine['processor']} ({machine['features']}), {machine['cores']} cores, "
        f"{machine['memory_gb']} GB, {machine['system']}, GPU: {machine['gpu'] or 'none'}",
        f"- versions: {versions}",
        f"- {about['repeats']} interleaved repeats; load (running processes, a minute's average) "
        "before each part: " + ", ".join(f"{name} {load}" for name, load in about["loads"].items()),
        "",
    ])  # fmt: skip


SECTIONS = {
    "inference": _inference_section,
    "first-use": _first_use_section,
    "training": _training_section,
    "slopes": _scaling_section,
    "simulator": _simulator_section,
}


def markdown(found: dict[str, list[dict]], about: dict) -> str:
    """Return the page of results."""
    parts = ["# Results of the benchmark", "", _machine_section(about)]
    parts += [write(found[name]) for name, write in SECTIONS.items() if name in found]
    return "\n".join(parts).rstrip() + "\n"


def _bars(axes: Axes, names: list[str], rows: list[dict], colours: list[str], unit: str) -> None:
    """Draw medians as bars, from minimum to maximum as whiskers; write the medians beside."""
    medians = [row["median"] for row in rows]
    below = [row["median"] - row["min"] for row in rows]
    above = [row["max"] - row["median"] for row in rows]
    places = range(len(rows))
    axes.barh(places, medians, xerr=[below, above], color=colours, ecolor="#444", height=0.7)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.set_xlim(0, max(row["max"] for row in rows) * 1.18)
    for place, row in zip(places, rows, strict=True):
        axes.annotate(
            number(row["median"]), (row["max"], place), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=8,
        )  # fmt: skip


def _draw_inference(axes: Axes, rows: list[dict]) -> None:
    group = _conditions(rows)[0]
    colours = [COLOURS.get(row["engine"], OTHER) for row in group]
    _bars(axes, [title_of(row) for row in group], group, colours, "steps/s")
    axes.set_title(f"Inference, scale 1.00, {counted(group[0]['threads'])}")


def _draw_training(axes: Axes, rows: list[dict]) -> None:
    colour = {"tutorial": "#d1602b", "limit": "#9a9a9a"}
    colours = [colour.get(row["loop"], "#1b6ca8") for row in rows]
    _bars(axes, [row["contestant"] for row in rows], rows, colours, "frames/s")
    axes.set_title("Training")


def _draw_line(axes: Axes, rows: list[dict], against: str, title: str, unit: str) -> None:
    for engine in dict.fromkeys(row["engine"] for row in rows):
        mine = [row for row in rows if (row["engine"], row["against"]) == (engine, against)]
        activity = against == "activity"
        x = [row["synops_per_step" if activity else "x"] for row in mine]
        y = [row["seconds"] / row["steps"] * 1e6 if activity else row["seconds"] for row in mine]
        axes.plot(x, y, "o-", ms=4, color=COLOURS[engine], label=TITLES[engine])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(title)
    axes.set_xlabel(unit)
    axes.set_ylabel("µs a step" if against == "activity" else "seconds")
    for axis, within_decade in ((axes.xaxis, (1,)), (axes.yaxis, (1, 3))):
        axis.set_major_locator(LogLocator(subs=within_decade))
        axis.set_major_formatter("{x:,.10g}")
        axis.set_minor_formatter(NullFormatter())


def _draw_scaling(part: SubFigure, rows: list[dict]) -> None:
    panels = part.subplots(1, 3)
    for axes, (against, title, unit) in zip(
        panels,
        [
            ("recordings", "Time against recordings", "recordings"),
            ("steps", "Time against steps", "steps a recording"),
            ("activity", "Time against activity", "SynOps a step"),
        ],
        strict=True,
    ):
        _draw_line(axes, rows, against, title, unit)
    part.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)


def draw(found: dict[str, list[dict]], path: Path) -> None:
    """Draw what was measured into an SVG file that repeats byte for byte."""
    plt.rcParams |= {"svg.hashsalt": "benchmark", "font.size": 9, "axes.titlesize": 10}
    heights = {"inference": 2.8, "training": 5.6, "scaling": 3.6}
    shown = {name: height for name, height in heights.items() if name in found}
    figure = plt.figure(figsize=(10, sum(shown.values())), layout="constrained")
    parts = figure.subfigures(len(shown), height_ratios=list(shown.values()), squeeze=False)[:, 0]
    draw_part = {
        "inference": lambda part, rows: _draw_inference(part.subplots(), rows),
        "training": lambda part, rows: _draw_training(part.subplots(), rows),
        "scaling": _draw_scaling,
    }
    for part, name in zip(parts, shown, strict=True):
        draw_part[name](part, found[name])
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
