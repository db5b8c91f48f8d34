"""The report: one self-contained page made from the tables, the figures and the provenance record.

Every number on the page is read from a table or from the settings and formatted here; the template
holds the words. Figures go in as images in data URIs: the ids inside SVG files cannot collide, and
nothing in them can run or be fetched.
"""

import base64
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup, escape

NOTHING = "–"
NBSP = "\u00a0"
SMOKE_BANNER = "smoke run: simulated strokes, not a result"
SIMULATED_BANNER = (
    "simulated recordings: a model of an event camera made them, no sensor was involved"
)
SMALL_N = 100
RECORDING_FIGURES = {
    "strip": "Frames accumulated from the events at evenly spaced moments.",
    "cloud": "The events in space and time.",
    "rate": "Events per second over time.",
    "raster": "Output spikes of the ten neurons, and below them the digit read so far.",
}
NUMERIC_CELL = re.compile(r"[−-]?[\d,.]+([\s\u00a0(].*)?$")


# --- numbers as text ------------------------------------------------------------------------------


def is_known(value: Any) -> bool:
    """Whether a cell holds something: not None, NaN or blank text."""
    if value is None:
        return False
    if isinstance(value, str):
        return value.strip() != ""
    return not pd.isna(value)


def plain(value: Any) -> str:
    """A label, name or count as text; a dash for nothing; 3.0 (3 beside gaps in pandas) is 3."""
    if not is_known(value):
        return NOTHING
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def significant(value: Any, digits: int = 3) -> str:
    """A number with at least `digits` significant digits and thousands separators, no exponent.

    Digits before the decimal point are never rounded away: 227,922,624 keeps them all.
    """
    if not is_known(value):
        return NOTHING
    number = float(value)
    if not math.isfinite(number):
        return str(number)
    if number == 0:
        return "0"
    if abs(number) < 1e-6:
        return f"{number:.{digits - 1}e}"
    # The exponent after rounding: 99.96 has three digits before the point, not two.
    exponent = int(f"{number:.{digits - 1}e}".split("e")[1])
    decimals = max(0, digits - 1 - exponent)
    text = f"{number:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if number.is_integer() and "." in text else text


def count(value: Any) -> str:
    """A whole number with thousands separators."""
    return f"{round(float(value)):,}" if is_known(value) else NOTHING


def percent(value: Any, unit: bool = True) -> str:
    """A fraction in per cent with one decimal."""
    if not is_known(value):
        return NOTHING
    return f"{100 * float(value):.1f}" + (f"{NBSP}%" if unit else "")


def with_interval(value: Any, low: Any, high: Any) -> str:
    """A fraction in per cent and its 95 % interval: `88.5 % (81.2 to 93.0 %)`."""
    if not is_known(value) or not is_known(low) or not is_known(high):
        return percent(value)
    return f"{percent(value)} ({_from_to(percent(low), percent(high))})"


def millions(value: Any) -> str:
    """A number of operations in millions."""
    return significant(float(value) / 1e6) if is_known(value) else NOTHING


def over_seeds(values: Iterable[Any], written: Callable[[Any], str]) -> str:
    """The mean over seeds with their smallest and largest value; the value alone for one seed."""
    known, mean, spread = _mean_and_spread(values, written)
    if len(known) < 2:
        return mean
    if not spread:
        return f"{mean} ({len(known)} seeds alike)"
    return f"{mean} (mean over {len(known)} seeds, {spread})"


def _mean_and_spread(
    values: Iterable[Any], written: Callable[[Any], str]
) -> tuple[list[float], str, str]:
    """The known values, their mean, and their range, empty if all are written alike."""
    known = [float(value) for value in values if is_known(value)]
    if not known:
        return known, NOTHING, ""
    low, high = written(min(known)), written(max(known))
    return known, written(sum(known) / len(known)), "" if low == high else _from_to(low, high)


def _from_to(low: str, high: str) -> str:
    """A range that doesn't break over lines, its unit only at its end."""
    unit = high.split(NBSP)[-1] if NBSP in high else ""
    low = low.removesuffix(f"{NBSP}{unit}") if unit else low
    return f"{low}{NBSP}to{NBSP}{high}"


def power_at(power_mw: Any, power: Mapping[str, Any], energy_pj: float) -> float:
    """The power in mW that `power_mw` becomes if a SynOp takes `energy_pj` instead.

    `power` is the config's section: `energy_per_synop_pj`, and `static_power_mw`, which stays.
    """
    static = float(power.get("static_power_mw") or 0)
    share = energy_pj / float(power["energy_per_synop_pj"])
    return static + (float(power_mw) - static) * share


def power_band(power_mw: Any, power: Mapping[str, Any]) -> str:
    """The power over the band of energies per SynOp, as `0.03 to 0.86`."""
    if not is_known(power_mw):
        return NOTHING
    low, high = (power_at(power_mw, power, float(pj)) for pj in power["energy_band_pj"])
    return _from_to(significant(low), significant(high))


def power_with_band(power_mw: Any, power: Mapping[str, Any]) -> str:
    """The power at the assumed energy per SynOp and, in brackets, over the band."""
    if not is_known(power_mw):
        return NOTHING
    return f"{significant(power_mw)} ({power_band(power_mw, power)})"


def plural(number: Any, word: str) -> str:
    """`1 seed`, `2 seeds`."""
    return f"{count(number)} {word}{'' if round(float(number)) == 1 else 's'}"


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    parts = list(parts)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


# --- things to embed ------------------------------------------------------------------------------


def embed_svg(path: str | os.PathLike[str], alt: str) -> Markup:
    """An `<img>` that holds the SVG file as a data URI: no id collides, no script of it runs."""
    return _embed(path, "image/svg+xml", alt)


def embed_png(path: str | os.PathLike[str], alt: str) -> Markup:
    """An `<img>` that holds the PNG file as a data URI."""
    return _embed(path, "image/png", alt)


def embed_figure(path: str | os.PathLike[str], alt: str) -> Markup:
    """An `<img>` for an SVG or PNG file, by its suffix; ValueError for another."""
    suffix = Path(path).suffix.lower()
    if suffix == ".svg":
        return embed_svg(path, alt)
    if suffix == ".png":
        return embed_png(path, alt)
    raise ValueError(f"{path}: the page embeds .svg and .png files, not {suffix!r}")


def _embed(path: str | os.PathLike[str], kind: str, alt: str) -> Markup:
    data = base64.b64encode(Path(path).read_bytes()).decode("ascii")
    return Markup('<img src="data:{};base64,{}" alt="{}">').format(kind, Markup(data), alt)


def table_html(frame: pd.DataFrame, caption: str, badges: str | None = None) -> Markup:
    """An accessible table in a box of its own that scrolls sideways where the page is narrow.

    `frame` holds text ready to show, its columns the headings; everything is escaped. Columns of
    numbers are right-aligned. In the column named `badges` each cell gets a class by its text.
    """
    numeric = {
        column
        for column in frame.columns
        if any(is_known(value) and value != NOTHING for value in frame[column])
        and all(
            not is_known(value) or value == NOTHING or NUMERIC_CELL.match(str(value))
            for value in frame[column]
        )
    }
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_class("n" if name in numeric else ""), name)
        for name in frame.columns
    )
    body = []
    for row in frame.itertuples(index=False):
        cells = []
        for i, (name, value) in enumerate(zip(frame.columns, row, strict=True)):
            classes = "n" if name in numeric else ""
            text = escape(plain(value))
            if name == badges:
                text = Markup('<span class="badge {}">{}</span>').format(_slug(text), text)
            tag, scope = ("th", Markup(' scope="row"')) if i == 0 else ("td", Markup(""))
            cells.append(
                Markup("<{}{}{}>{}</{}>").format(tag, scope, _class(classes), text, Markup(tag))
            )
        body.append(Markup("<tr>{}</tr>").format(Markup("").join(cells)))
    return Markup(
        '<div class="scroll" role="region" tabindex="0" aria-label="{}"><table>'
        "<caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(caption, caption, head, Markup("\n").join(body))


def _class(name: str) -> Markup:
    return Markup(' class="{}"').format(name) if name else Markup("")


def _slug(text: Any) -> str:
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-")


def render_page(template_path: str | os.PathLike[str], context: dict[str, Any]) -> str:
    """Fill the template in; everything that is not marked as HTML is escaped.

    Raises `jinja2.UndefinedError` if the template names something that `context` lacks.
    """
    path = Path(template_path)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(path.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(path.name).render(context)


# --- what the template needs ----------------------------------------------------------------------


def build_context(
    *,
    study: str,
    source: str,
    tables: dict[str, pd.DataFrame],
    provenance: dict[str, Any],
    config: dict[str, Any],
    config_text: str,
    figures: dict[str, Path],
    recording_figures: dict[str, dict[str, Path]],
) -> dict[str, Any]:
    """Everything that the template shows, ready formatted.

    `tables` by name: `evaluation`, `recordings`, `layers`, `training`, `comparison`, `runtimes`,
    `network`, `split`, `frame_index` (all columns, or already summed up by split); one that is
    missing counts as empty. `figures` by name: `tradeoff`, `sweep...` (any number), `confusion`,
    `layers`, `training`, `frames`. `recording_figures` by recording and name: `strip`, `cloud`,
    `rate`, `raster...`.
    """
    evaluation = _table(tables, "evaluation", ["set", "variant", "seed", "scale", "chosen"])
    recordings = _table(tables, "recordings", ["recording", "variant", "seed", "scale"])
    power = config["power"]
    chosen = _chosen(evaluation)
    frames_only = _frames_only(evaluation)
    headlines = _headlines(chosen, power)
    shown_recordings, fallback_scale = _shown_recordings(recordings)
    return {
        "title": "How much power does a spiking CNN need to read a digit from an event camera?",
        "study": study,
        "source": source,
        "banner": _banner(study, source),
        "is_tutorial": source == "tutorial",
        "config": config,
        "config_text": config_text,
        "power": _power_text(power),
        "is_validated": len(chosen) > 0 and "validation" in set(evaluation["set"]),
        "headlines": headlines,
        "frame_answers": [_frame_answer(rows) for _, rows in _by_set_and_variant(frames_only)],
        "read_recordings": _read_recordings(shown_recordings, power),
        "summary_table": _summary_table(chosen, frames_only, power),
        "evaluation_table": _evaluation_table(chosen, frames_only, power),
        "recordings": _recording_panels(shown_recordings, recording_figures, power),
        "fallback_scale": fallback_scale,
        "comparison": _comparison(_table(tables, "comparison", ["quantity", "verdict"])),
        "split_table": _split_table(_table(tables, "split", ["split"])),
        "frames_table": _frames_table(_table(tables, "frame_index", ["split"])),
        "network_table": _network_table(_table(tables, "network", ["layer"])),
        "layers_table": _layers_table(_table(tables, "layers", ["layer"]), chosen),
        "training_table": _training_table(_table(tables, "training", ["variant", "seed"])),
        "training_speed": _training_speed(_table(tables, "runtimes", ["rule"])),
        "figures": _page_figures(figures),
        "small_sets": _small_sets(chosen),
        "provenance": _provenance(provenance, study),
        "runtimes_table": _runtimes_table(_table(tables, "runtimes", ["rule"])),
    }


def _table(
    tables: Mapping[str, pd.DataFrame | None], name: str, columns: list[str]
) -> pd.DataFrame:
    frame = tables.get(name)
    if frame is None or (frame.empty and not len(frame.columns)):
        return pd.DataFrame(columns=columns)
    return frame


def _banner(study: str, source: str) -> str:
    if study.startswith("smoke") or source in ("smoke", "strokes"):
        return SMOKE_BANNER
    if source in ("simulated", "simulator"):
        return SIMULATED_BANNER
    return ""


def _flag(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce").fillna(0).astype(int) == 1


def _chosen(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Spiking rows at the scale chosen on validation: the only ones whose accuracy is quoted."""
    if evaluation.empty:
        return evaluation
    spiking = pd.to_numeric(evaluation["scale"], errors="coerce").notna()
    return evaluation[spiking & _flag(evaluation["chosen"])]


def _frames_only(evaluation: pd.DataFrame) -> pd.DataFrame:
    """Rows of sets that only the CNN has read: frames without recordings."""
    if evaluation.empty:
        return evaluation
    return evaluation[pd.to_numeric(evaluation["scale"], errors="coerce").isna()]


def _by_set_and_variant(
    rows: pd.DataFrame,
) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    if rows.empty:
        return []
    return [
        ((str(name), str(variant)), part)
        for (name, variant), part in rows.groupby(["set", "variant"], sort=False)
    ]


def _headlines(chosen: pd.DataFrame, power: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The answer for each variant, on the test set or else on the best set there is."""
    if chosen.empty:
        return []
    names = list(dict.fromkeys(chosen["set"]))
    others = [name for name in names if name != "validation"]
    name = "test" if "test" in names else (others or names)[0]
    parts = _by_set_and_variant(chosen[chosen["set"] == name])
    return [_headline(str(name), variant, rows, power) for (_, variant), rows in parts]


def _headline(
    name: str, variant: str, rows: pd.DataFrame, power: Mapping[str, Any]
) -> dict[str, Any]:
    mean_power = float(rows["power_mw"].mean())
    synops = float(rows["synops_per_3000_events"].mean())
    macs = float(rows["ann_macs_per_3000_events"].mean())
    per_seed = [
        f"seed {plain(row['seed'])}, scale {float(row['scale']):.2f}: "
        + with_interval(row["accuracy"], row["accuracy_low"], row["accuracy_high"])
        for row in rows.to_dict("records")
    ]
    return {
        "set": name,
        "variant": variant,
        "n_recordings": plural(rows["n_recordings"].max(), "recording"),
        "n_symbols": plural(rows["n_symbols"].max(), "symbol"),
        "n_seeds": plural(rows["seed"].nunique(), "seed"),
        "several_seeds": rows["seed"].nunique() > 1,
        "accuracy": over_seeds(rows["accuracy"], percent),
        "per_seed": "; ".join(per_seed),
        "synops": _spread(rows["synops_per_3000_events"], lambda v: f"{millions(v)}{NBSP}M"),
        "synops_per_event": _spread(rows["synops_per_event"], significant),
        "power": _spread(rows["power_mw"], lambda v: f"{significant(v)}{NBSP}mW"),
        "power_band": f"{power_band(mean_power, power)}{NBSP}mW",
        "energy": _spread(rows["energy_uj"], lambda v: f"{significant(v)}{NBSP}µJ"),
        "silent": _spread(rows["silent_fraction"], percent),
        "time_to_decision": _spread(
            rows["time_to_decision_ms"] if "time_to_decision_ms" in rows else [],
            lambda v: f"{significant(v)}{NBSP}ms",
        ),
        "ann_accuracy": _spread(rows["ann_accuracy"], percent),
        "ann_macs": f"{millions(macs)}{NBSP}M" if is_known(macs) else NOTHING,
        "synops_per_mac": significant(synops / macs) if is_known(macs) and macs > 0 else NOTHING,
    }


def _frame_answer(rows: pd.DataFrame) -> dict[str, str]:
    per_seed = [
        f"seed {plain(row['seed'])}: "
        + with_interval(
            row["ann_accuracy"],
            row.get("ann_accuracy_low"),
            row.get("ann_accuracy_high"),
        )
        for row in rows.to_dict("records")
    ]
    frames = rows["n_frames"].max() if "n_frames" in rows else None
    return {
        "set": str(rows["set"].iloc[0]),
        "variant": str(rows["variant"].iloc[0]),
        "accuracy": over_seeds(rows["ann_accuracy"], percent),
        "n_frames": plural(frames, "frame") if is_known(frames) else "an unknown number of frames",
        "per_seed": "; ".join(per_seed),
    }


def _summary_table(
    chosen: pd.DataFrame, frames_only: pd.DataFrame, power: Mapping[str, Any]
) -> Markup | None:
    """A row for each set and variant: means over the seeds."""
    rows = []
    for (name, variant), part in _by_set_and_variant(chosen):
        rows.append(
            {
                "set": name,
                "variant": variant,
                "seeds": count(part["seed"].nunique()),
                "recordings": count(part["n_recordings"].max()),
                "symbols": count(part["n_symbols"].max()),
                "spiking accuracy": _spread(part["accuracy"], percent),
                "CNN accuracy": _spread(part["ann_accuracy"], percent),
                "M SynOps per 3,000 events": _spread(part["synops_per_3000_events"], millions),
                "CNN, M MACs per 3,000 events": millions(part["ann_macs_per_3000_events"].mean()),
                "power (mW)": _spread(part["power_mw"], significant),
                _band_heading(power): power_band(part["power_mw"].mean(), power),
            }
        )
    for (name, variant), part in _by_set_and_variant(frames_only):
        rows.append(
            {
                "set": name,
                "variant": variant,
                "seeds": count(part["seed"].nunique()),
                "CNN accuracy": _spread(part["ann_accuracy"], percent),
            }
        )
    if not rows:
        return None
    caption = "Means over the seeds, in brackets the smallest and the largest"
    return table_html(_columns_of_longest(rows), caption)


def _spread(values: Iterable[Any], written: Callable[[Any], str]) -> str:
    """A mean and, for several seeds, the smallest and largest in brackets, short for a cell."""
    _, mean, spread = _mean_and_spread(values, written)
    return f"{mean} ({spread})" if spread else mean


def _evaluation_table(
    chosen: pd.DataFrame, frames_only: pd.DataFrame, power: Mapping[str, Any]
) -> Markup | None:
    """A row for each set, variant and seed at the chosen scale, with the intervals."""
    rows = []
    for row in chosen.to_dict("records"):
        rows.append(
            {
                "set": row["set"],
                "variant": row["variant"],
                "seed": plain(row["seed"]),
                "scale": f"{float(row['scale']):.2f}",
                "recordings": count(row["n_recordings"]),
                "symbols (n)": count(row["n_symbols"]),
                "spiking accuracy (95 %)": with_interval(
                    row["accuracy"], row["accuracy_low"], row["accuracy_high"]
                ),
                "CNN accuracy (95 %)": with_interval(
                    row["ann_accuracy"],
                    row.get("ann_accuracy_low"),
                    row.get("ann_accuracy_high"),
                ),
                "silent": percent(row["silent_fraction"]),
                "tied": percent(row["tied_fraction"]),
                "M SynOps per recording": millions(row["synops_per_recording"]),
                "M SynOps per 3,000 events": millions(row["synops_per_3000_events"]),
                "SynOps per event": significant(row["synops_per_event"]),
                "CNN, M MACs per 3,000 events": millions(row["ann_macs_per_3000_events"]),
                "power (mW)": significant(row["power_mw"]),
                _band_heading(power): power_band(row["power_mw"], power),
                "energy per recording (µJ)": significant(row["energy_uj"]),
                "time to decision (ms)": significant(row.get("time_to_decision_ms")),
            }
        )
    for row in frames_only.to_dict("records"):
        rows.append(
            {
                "set": f"{row['set']} ({count(row.get('n_frames'))} frames, CNN only)",
                "variant": row["variant"],
                "seed": plain(row["seed"]),
                "CNN accuracy (95 %)": with_interval(
                    row["ann_accuracy"],
                    row.get("ann_accuracy_low"),
                    row.get("ann_accuracy_high"),
                ),
            }
        )
    if not rows:
        return None
    caption = "Each seed at its chosen scale, with Wilson 95 % intervals over symbols"
    return table_html(_columns_of_longest(rows), caption)


def _columns_of_longest(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A frame of rows that may lack columns, in the column order of the longest row."""
    return pd.DataFrame(list(rows), columns=list(max(rows, key=len)), dtype=object)


def _band_heading(power: Mapping[str, Any]) -> str:
    low, high = power["energy_band_pj"]
    return f"power (mW) at {low:g} to {high:g} pJ"


def _power_text(power: Mapping[str, Any]) -> dict[str, str]:
    low, high = power["energy_band_pj"]
    return {
        "energy": f"{float(power['energy_per_synop_pj']):g}{NBSP}pJ",
        "band": f"{low:g} to {high:g}{NBSP}pJ",
        "static": f"{float(power.get('static_power_mw') or 0):g}{NBSP}mW",
    }


# --- recordings -----------------------------------------------------------------------------------


def _shown_recordings(recordings: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Rows at the chosen scale; where none was chosen, those nearest to the network as converted.

    The second value is that fallback scale as text, empty if it was not needed.
    """
    if recordings.empty:
        return recordings, ""
    if "chosen" in recordings and _flag(recordings["chosen"]).any():
        return recordings[_flag(recordings["chosen"])], ""
    scales = recordings["scale"].astype(float)
    nearest = min(scales.unique(), key=lambda scale: (abs(math.log(scale)), scale))
    return recordings[scales == nearest], f"{nearest:.2f}"


def _predicted(row: Mapping[str, Any]) -> str:
    if is_known(row.get("silent")) and int(row["silent"]) == 1:
        return "silent"
    return plain(row.get("predicted"))


def _verdict(row: Mapping[str, Any]) -> str:
    if not is_known(row.get("label")):
        return "not judged"
    return "right" if is_known(row.get("correct")) and int(row["correct"]) == 1 else "wrong"


def _read_recordings(recordings: pd.DataFrame, power: Mapping[str, Any]) -> list[dict[str, str]]:
    """For each recording the digits read and the power needed, by run: for the answer's text."""
    found = []
    for name, rows in recordings.groupby("recording", sort=False) if len(recordings) else []:
        several = rows["variant"].nunique() > 1
        reads = [
            f"{_predicted(row)} ({row['variant'] + ', ' if several else ''}"
            f"seed {plain(row['seed'])})"
            for row in rows.to_dict("records")
        ]
        found.append(
            {
                "name": str(name),
                "label": plain(rows["label"].iloc[0]) if "label" in rows else NOTHING,
                "reads": listed(reads),
                "power": _spread(rows["power_mw"], significant),
                "band": power_band(rows["power_mw"].mean(), power),
            }
        )
    return found


def _recording_panels(
    recordings: pd.DataFrame,
    recording_figures: Mapping[str, Mapping[str, Path]],
    power: Mapping[str, Any],
) -> list[dict[str, Any]]:
    known = list(dict.fromkeys(recordings["recording"])) if len(recordings) else []
    names = [*known, *(name for name in recording_figures if name not in known)]
    panels = []
    for index, name in enumerate(names):
        rows = recordings[recordings["recording"] == name] if len(recordings) else recordings
        panels.append(
            {
                "name": str(name),
                "id": f"recording-{index + 1}",
                "facts": _recording_facts(rows),
                "table": _recording_table(rows, power) if len(rows) else None,
                "figures": _recording_images(str(name), recording_figures.get(name, {})),
            }
        )
    return panels


def _recording_facts(rows: pd.DataFrame) -> list[str]:
    if rows.empty:
        return []
    row = rows.iloc[0]
    facts = [
        f"digit shown: {plain(row['label'])}"
        if is_known(row.get("label"))
        else "nobody said which digit was shown"
    ]
    if is_known(row.get("n_events")):
        facts.append(f"{count(row['n_events'])} events")
    if is_known(row.get("n_events_outside")) and row["n_events_outside"] > 0:
        facts.append(f"{count(row['n_events_outside'])} more fell outside the network")
    if is_known(row.get("duration_s")):
        facts.append(f"{significant(row['duration_s'])}{NBSP}s")
    if is_known(row.get("n_steps")):
        facts.append(f"{count(row['n_steps'])} steps")
    if is_known(row.get("note")):
        facts.append(plain(row["note"]))
    return facts


def _recording_table(rows: pd.DataFrame, power: Mapping[str, Any]) -> Markup:
    shown = [
        {
            "seed": plain(row["seed"]),
            "variant": row["variant"],
            "scale": f"{float(row['scale']):.2f}",
            "digit read": _predicted(row),
            "CNN reads": plain(row.get("ann_predicted")),
            "judged": _verdict(row),
            "tied": "yes" if is_known(row.get("tied")) and int(row["tied"]) == 1 else "no",
            "output spikes": count(row.get("output_spikes")),
            "M SynOps": millions(row.get("synops")),
            "SynOps per event": significant(row.get("synops_per_event")),
            "power (mW)": significant(row.get("power_mw")),
            _band_heading(power): power_band(row.get("power_mw"), power),
            "energy (µJ)": significant(row.get("energy_uj")),
            "time to decision (ms)": significant(row.get("time_to_decision_ms")),
        }
        for row in rows.to_dict("records")
    ]
    name = plain(rows["recording"].iloc[0])
    return table_html(pd.DataFrame(shown), f"What each network reads in recording {name}")


def _recording_images(name: str, paths: Mapping[str, Path]) -> list[dict[str, Any]]:
    kinds = list(RECORDING_FIGURES)

    def place(figure: str) -> tuple[int, str]:
        matching = [i for i, kind in enumerate(kinds) if figure.startswith(kind)]
        return (matching[0] if matching else len(kinds)), figure

    images = []
    for figure in sorted(paths, key=place):
        kind = next((kind for kind in kinds if figure.startswith(kind)), None)
        caption = RECORDING_FIGURES[kind] if kind else f"{figure}."
        images.append(
            {
                "image": embed_figure(paths[figure], f"Recording {name}: {caption}"),
                "caption": caption,
            }
        )
    return images


# --- comparison -----------------------------------------------------------------------------------


def _comparison(comparison: pd.DataFrame) -> dict[str, Any]:
    """The table beside published figures, how its verdicts add up, and the tutorial's power."""
    if comparison.empty:
        return {
            "table": None,
            "verdicts": "",
            "n": "0",
            "printed_mw": "",
            "correct_mw": "",
        }
    rows = comparison.to_dict("records")
    shown = [
        {
            "quantity": str(row["quantity"]).replace("_", " "),
            "unit": plain(row.get("unit")),
            "published": significant(row.get("published"), 4),
            "ours": _ours(row),
            "n": plain(row.get("n")),
            "tolerance": percent(row.get("tolerance"))
            if _is_number(row.get("tolerance"))
            else plain(row.get("tolerance")),
            "verdict": plain(row["verdict"]),
            "why": plain(row.get("why")),
            "source": plain(row.get("published_source")),
            "certainty": plain(row.get("certainty")),
        }
        for row in rows
    ]
    verdicts = comparison["verdict"].value_counts(sort=False)
    parts = [f"{number} {verdict}" for verdict, number in verdicts.items()]
    by_quantity = {row["quantity"]: row for row in rows}
    return {
        "table": table_html(pd.DataFrame(shown), "Published figures and ours", badges="verdict"),
        "verdicts": listed(parts),
        "n": count(len(rows)),
        "printed_mw": _published(by_quantity, "tutorial_power_printed"),
        "correct_mw": _published(by_quantity, "tutorial_power_at_10_pj"),
    }


def _ours(row: Mapping[str, Any]) -> str:
    text = significant(row.get("ours"), 4)
    low, high = row.get("ours_low"), row.get("ours_high")
    if not is_known(low) or not is_known(high) or float(low) == float(high):
        return text
    return f"{text} ({_from_to(significant(low, 4), significant(high, 4))})"


def _published(rows: Mapping[str, Mapping[str, Any]], quantity: str) -> str:
    if quantity not in rows or not is_known(rows[quantity].get("published")):
        return ""
    return f"{significant(rows[quantity]['published'])}{NBSP}mW"


# --- method and training --------------------------------------------------------------------------


def _split_table(split: pd.DataFrame) -> Markup | None:
    if split.empty or "symbol" not in split:
        return None
    rows = []
    for name, part in split.groupby("split", sort=False):
        rows.append(
            {
                "split": name,
                "recordings": count(len(part)),
                "symbols": count(part[["label", "symbol"]].astype(str).drop_duplicates().shape[0]),
                "digits": plain(part["label"].nunique()),
                "events": count(part["n_events"].sum()),
                "events per recording (median)": count(part["n_events"].median()),
                "duration (s, median)": significant(part["duration_s"].median()),
                "share of ON events": percent(part["on_share"].mean()),
                "events out of order": count(part["n_resorted"].sum()),
            }
        )
    return table_html(pd.DataFrame(rows), "Recordings by split; no symbol is in two of them")


def _frames_table(index: pd.DataFrame) -> Markup | None:
    if index.empty:
        return None
    if "t_start_us" not in index:
        shown = index.map(lambda value: significant(value) if _is_number(value) else plain(value))
        shown.columns = [str(name).replace("_", " ") for name in index.columns]
        return table_html(shown, "Frames by split")
    summed = {
        "n_events": ("events per frame (median)", "median"),
        "n_events_outside": ("events outside the network", "sum"),
        "n_saturated": ("saturated pixels", "sum"),
    }
    rows = [
        {"split": name, "frames": count(len(part))}
        | {
            heading: count(part[column].agg(how))
            for column, (heading, how) in summed.items()
            if column in part
        }
        for name, part in index.groupby("split", sort=False, observed=True)
    ]
    return table_html(pd.DataFrame(rows), "Frames by split")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _network_table(network: pd.DataFrame) -> Markup | None:
    if network.empty:
        return None
    rows = [
        {
            "layer": plain(row["layer"]),
            "kind": plain(row.get("kind")),
            "output shape": plain(row.get("output_shape")).replace("x", " × "),
            "weights": count(row.get("weights")),
            "synapses per spike, nominal": significant(row.get("fanout_nominal")),
            "synapses per spike, exact mean": significant(row.get("fanout_mean_exact")),
            "MACs per frame": count(row.get("macs")),
        }
        for row in network.to_dict("records")
    ]
    if {"weights", "macs"} <= set(network.columns):
        rows.append(
            {
                "layer": "all",
                "weights": count(network["weights"].sum()),
                "MACs per frame": count(network["macs"].sum()),
            }
        )
    return table_html(
        _columns_of_longest(rows),
        "Layers with weights; a spike reaches so many synapses of each",
    )


def _layers_table(layers: pd.DataFrame, chosen: pd.DataFrame) -> Markup | None:
    """SynOps per layer of each set at the chosen scales, means over seeds."""
    if layers.empty or chosen.empty or "synops" not in layers:
        return None
    keys = {
        (
            str(row["set"]),
            str(row["variant"]),
            int(row["seed"]),
            f"{float(row['scale']):.4f}",
        )
        for row in chosen.to_dict("records")
    }
    whole_sets = layers[~layers["recording"].map(is_known) & layers["set"].map(is_known)]
    kept = [
        (
            str(row["set"]),
            str(row["variant"]),
            int(row["seed"]),
            f"{float(row['scale']):.4f}",
        )
        in keys
        for row in whole_sets.to_dict("records")
    ]
    part = whole_sets[np.asarray(kept, dtype=bool)]
    if part.empty:
        return None
    rows = []
    for (name, variant, layer), group in part.groupby(["set", "variant", "layer"], sort=False):
        ours, nominal = group["synops"].mean(), group["synops_nominal"].mean()
        rows.append(
            {
                "set": name,
                "variant": variant,
                "layer": layer,
                "M spikes in": millions(group["spikes_in"].mean()),
                "M SynOps, ours": _spread(group["synops"], millions),
                "M SynOps, nominal": millions(nominal),
                "ours / nominal": significant(ours / nominal)
                if is_known(nominal) and nominal > 0
                else NOTHING,
            }
        )
    caption = "SynOps of whole sets by layer, means over seeds (smallest to largest)"
    return table_html(pd.DataFrame(rows), caption)


def _training_table(training: pd.DataFrame) -> Markup | None:
    """The epoch that was kept of each run: the best on validation, the earlier on a tie."""
    if training.empty or "validation_accuracy" not in training:
        return None
    rows = []
    for (variant, seed), part in training.groupby(["variant", "seed"], sort=False):
        known = part[part["validation_accuracy"].notna()].sort_values("epoch")
        if known.empty:
            continue
        best = known.loc[known["validation_accuracy"].idxmax()]
        rows.append(
            {
                "variant": variant,
                "seed": plain(seed),
                "epochs": count(part["epoch"].max()),
                "best epoch": count(best["epoch"]),
                "loss": significant(best["loss"]),
                "accuracy on training frames": percent(best["train_accuracy"]),
                "accuracy on validation frames": percent(best["validation_accuracy"]),
            }
        )
    if not rows:
        return None
    return table_html(pd.DataFrame(rows), "The epoch of each run that is best on validation frames")


def _training_speed(runtimes: pd.DataFrame) -> str:
    if runtimes.empty or "frames_per_s" not in runtimes:
        return ""
    speeds = pd.to_numeric(runtimes["frames_per_s"], errors="coerce")[runtimes["rule"] == "train"]
    return _spread(speeds.dropna(), count) if speeds.notna().any() else ""


def _small_sets(chosen: pd.DataFrame) -> list[str]:
    """Sets whose few symbols make their intervals wide."""
    if chosen.empty:
        return []
    sizes = chosen.groupby("set", sort=False)["n_symbols"].max()
    return [f"{name} ({plural(n, 'symbol')})" for name, n in sizes.items() if n < SMALL_N]


def _page_figures(paths: Mapping[str, Path]) -> dict[str, Any]:
    alts = {
        "tradeoff": "Accuracy against synaptic operations per 3,000 events, a panel for each set.",
        "confusion": "Digit shown against digit predicted, a panel for each set.",
        "layers": "Synaptic operations by layer, ours beside nominal, a panel for each set.",
        "training": "Loss and accuracy by epoch.",
        "frames": "A grid of training frames with their digits.",
    }
    found: dict[str, Any] = {
        name: embed_figure(paths[name], alt) if name in paths else None
        for name, alt in alts.items()
    }
    found["sweeps"] = [
        embed_figure(paths[name], f"Accuracy and power against the scale ({name}).")
        for name in sorted(paths)
        if name.startswith("sweep")
    ]
    return found


# --- provenance -----------------------------------------------------------------------------------


def _provenance(provenance: Mapping[str, Any], study: str) -> dict[str, Any]:
    commit, dirty = provenance.get("commit"), provenance.get("dirty")
    facts = [
        (
            "commit",
            plain(commit) if is_known(commit) else "not known: no git repository",
        )
    ]
    if is_known(commit):
        facts.append(
            (
                "working tree",
                "changed since that commit (dirty)" if dirty else "as committed",
            )
        )
    seeds = ", ".join(plain(seed) for seed in provenance.get("seeds") or [])
    facts.append(("seeds", seeds or NOTHING))
    facts.append(("device", plain(provenance.get("device"))))
    machine = dict(provenance.get("machine") or {})
    for key, label in (
        ("cpu", "processor"),
        ("cores", "cores"),
        ("platform", "platform"),
    ):
        facts.append((label, plain(machine.get(key))))
    memory = machine.get("memory_gb")
    facts.append(("memory", f"{significant(memory)}{NBSP}GB" if is_known(memory) else NOTHING))
    for key in ("started", "finished"):
        if is_known(provenance.get(key)):
            facts.append((key, plain(provenance[key])))
    versions = dict(provenance.get("versions") or {})
    data = [
        {
            "data": plain(item.get("name")),
            "files": count(item.get("n_files")),
            "bytes": count(item.get("bytes")),
            "SHA-256": plain(item.get("sha256")),
        }
        for item in provenance.get("data") or []
    ]
    command = provenance.get("rerun_command") or provenance.get("command_hint")
    return {
        "facts": facts,
        "versions_table": table_html(
            pd.DataFrame(
                [{"program": name, "version": plain(versions[name])} for name in versions]
            ),
            "Versions",
        )
        if versions
        else None,
        "data_table": _dashed_out(data, "Data") if data else None,
        "command": command or f"snakemake --cores 2 --configfile results/{study}/config.used.yaml",
    }


def _dashed_out(rows: Sequence[Mapping[str, Any]], caption: str) -> Markup:
    """A table without the columns in which no row says anything."""
    frame = pd.DataFrame(list(rows))
    return table_html(frame.loc[:, (frame != NOTHING).any()], caption)


def _runtimes_table(runtimes: pd.DataFrame) -> Markup | None:
    if runtimes.empty or "seconds" not in runtimes:
        return None
    rows = []
    for rule, part in runtimes.groupby("rule", sort=False):
        rows.append(
            {
                "rule": rule,
                "jobs": count(len(part)),
                "seconds, all jobs": significant(part["seconds"].sum()),
                "seconds, longest": significant(part["seconds"].max()),
                "memory (MB, largest)": count(part["max_rss_mb"].max())
                if "max_rss_mb" in part
                else NOTHING,
            }
        )
    return table_html(pd.DataFrame(rows), "Time and memory by rule")
