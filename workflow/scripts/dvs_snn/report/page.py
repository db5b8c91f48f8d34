"""The report: one self-contained page made from the tables, the figures and the provenance record.

Sections read every number from a table or from the settings and format it; the template holds the
words. Figures go in as images in data URIs: the ids inside SVG files cannot collide, and nothing in
them can run or be fetched.
"""

import base64
import functools
import json
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import vl_convert
import yaml
from markupsafe import Markup

from dvs_snn.files.atomic import replacing
from dvs_snn.files.tables import read_table, result_tables
from dvs_snn.recordings.folders.split_table import read_split
from dvs_snn.recordings.store.frame_store import read_index
from dvs_snn.report import live
from dvs_snn.report.cells import ordered, static_power
from dvs_snn.report.headline import headline
from dvs_snn.report.material import Material
from dvs_snn.report.origin import SMOKE
from dvs_snn.report.sections import (
    answer,
    breaking,
    checks,
    method,
    probes,
    provenance,
    published,
    recordings,
    sets,
    tradeoff,
    training,
    wrong,
)
from dvs_snn.report.sections.cost import energy, front
from dvs_snn.report.sections.simulation import realism, sensor
from dvs_snn.report.template import hash_of, render, style_of
from dvs_snn.report.text import listed, power_words
from dvs_snn.settings.set_names import VALIDATION

CITED = ("python", "snakemake", "torch", "sinabs", "numpy")
"""Programs that the text to paste names."""

PAPERS = {
    "nmnist": "N-MNIST: Orchard et al. 2015, doi:10.3389/fnins.2015.00437. ",
    "mnist-dvs": "MNIST-DVS: Serrano-Gotarredona and Linares-Barranco 2015, "
    "doi:10.3389/fnins.2015.00481. ",
}
DATA = {"simulated": ("nmnist", "mnist-dvs"), "nmnist": ("nmnist",), "mnist-dvs": ("mnist-dvs",)}
"""Source -> data sets that its study reads, or that its simulation is fitted to."""

TITLE = "How much power does a spiking CNN need to read a digit from an event camera?"
VARYING = ("runtimes",)
LARGEST_DOWNLOAD = 35_000
"""Bytes of a table that the page holds; larger ones lie in the study's folder alone."""

STYLES = ("page.css", "player.css")
SCRIPTS = ("page.js", "player.js", "tabs.js")
"""The page's own, beside its template."""

VEGA = "window.vegaEmbed = vegaEmbed;"
"""What the bundle of Vega gives to the page's script."""

SECTIONS = (answer, tradeoff, front, energy, recordings, published, method, training, sets)
SECTIONS += (breaking, checks, sensor, realism, probes, wrong)
SECTIONS += (provenance,)


def write_report(
    tables: Mapping[str, Path],
    figures: Mapping[str, Path],
    panels: Mapping[str, Mapping[str, Path]],
    extra: Mapping[str, Path],
    own_files: Collection[str],
    output: Path,
    headline_path: Path,
    marks: Collection[Path] = (),
) -> None:
    """Write ``report.html``, one page that needs no other file, and ``headline.txt``.

    Args:
        tables, figures: name -> path.
        panels: recording -> name -> path of its figures.
        extra: `provenance`, `config` (as used), `index` (of frames), `template`, in whose folder
            lie the files that it includes, and `split` if the study has one.
        own_files: names of the recordings that the user's own files hold.
        marks: files that say of a trial that it is no result.
    """
    config_text = extra["config"].read_text(encoding="utf-8")
    config = yaml.safe_load(config_text)
    frames = {name: read_table(path, name) for name, path in tables.items()}
    frames["frame_index"] = read_index(extra["index"])
    if "split" in extra:
        frames["split"] = read_split(extra["split"])
    material = Material(
        study=config["study"],
        source=config["data"]["source"],
        tables=frames,
        provenance=json.loads(extra["provenance"].read_text(encoding="utf-8")),
        config=config,
        config_text=config_text,
        figures=figures,
        panels=panels,
        own_files=own_files,
    )
    with replacing(output) as temporary:
        temporary.write_text(render_page(extra["template"], context_of(material)), encoding="utf-8")
    for mark in marks:
        with replacing(mark) as temporary:
            temporary.write_text(f"{SMOKE}\n", encoding="utf-8")
    with replacing(headline_path) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in headline(material)), encoding="utf-8")


def context_of(material: Material) -> dict[str, Any]:
    """Everything that the template shows, formatted: the context of each section by its name."""
    set_names = ordered(material.evaluation["set"])
    return {
        "title": material.classes.worded(TITLE),
        "classes": material.classes,
        "study": material.study,
        "source": material.source,
        "banner": material.origin.banner(material.study, set_names),
        "is_all_simulated": material.origin.is_source_simulated
        and all(map(material.origin.is_simulated, set_names)),
        "is_simulated": material.origin.is_source_simulated,
        "is_validated": len(material.chosen) > 0 and VALIDATION in set_names,
        "config": material.config,
        "config_text": material.config_text,
        "power": _power_words(material.power),
        "sliders": _sliders(material.power),
        "paste": _text_to_paste(material),
        "downloads": _downloads(material),
        **{section.__name__.split(".")[-1]: section.context(material) for section in SECTIONS},
    }


def _power_words(power: Mapping[str, Any]) -> dict[str, str]:
    """The section `power` of the config in words, as it stands and as it follows the sliders."""
    words = power_words(power)
    return words | {
        "live_energy": live.synop_pj(words["energy"]),
        "live_static": live.power(static_power(power), power),
    }


def _sliders(power: Mapping[str, Any]) -> dict[str, str]:
    """Ends and starts of both sliders; pJ is logarithmic, from a tenth of the band's lower end."""
    pj = float(power["energy_per_synop_pj"])
    low, high = power["energy_band_pj"]
    static_mw = static_power(power)
    return {
        "pj": f"{pj:g}",
        "pj_log": f"{math.log10(pj):.2f}",
        "pj_log_low": f"{math.floor(100 * math.log10(min(low / 10, pj))) / 100:.2f}",
        "pj_log_high": f"{math.ceil(100 * math.log10(max(high, pj))) / 100:.2f}",
        "static_mw": f"{static_mw:g}",
        "static_high": f"{max(1, math.ceil(static_mw)):g}",
    }


def _text_to_paste(material: Material) -> str:
    """The method in two sentences for a paper, with the versions that ran."""
    config, versions = material.config, material.provenance.get("versions") or {}
    ran = listed([f"{name} {versions[name]}" for name in CITED if name in versions])
    return (
        f"We trained the network {config['model']['name']} on frames of accumulated events, "
        "converted it to integrate-and-fire neurons with sinabs (SynSense), and ran it in steps of "
        f"{config['inference']['step_ms']:g} ms{f' ({ran})' if ran else ''}. "
        "We counted a synaptic operation for each spike at each existing synapse, the input layer "
        "included (Sorbaro et al. 2020, doi:10.3389/fnins.2020.00662), and took "
        f"{float(material.power['energy_per_synop_pj']):g} pJ for each. "
        f"{''.join(PAPERS[name] for name in DATA.get(material.source, ()))}"
        "The workflow runs on Snakemake (Mölder et al. 2021, doi:10.12688/f1000research.29032.2)."
    )


def _downloads(material: Material) -> list[dict[str, Any]]:
    """The tables behind the page; of the smaller ones the address is their content."""
    found = []
    for name in result_tables():
        frame = material.tables.get(name)
        if name in VARYING or frame is None or frame.empty:
            continue
        address = None
        # A cell takes at least the byte that ends it: a large table needn't be written to be known.
        if frame.size <= LARGEST_DOWNLOAD:
            written = frame.to_csv(index=False, lineterminator="\n").encode()
            if len(written) <= LARGEST_DOWNLOAD:
                data = base64.b64encode(written).decode("ascii")
                address = Markup(f"data:text/csv;base64,{data}")
        found.append({"name": name, "address": address})
    return found


@functools.cache
def _vega() -> str:
    return vl_convert.javascript_bundle(snippet=VEGA)


def page_parts(folder: Path) -> dict[str, Any]:
    """The page's style and scripts, and the policy that lets a browser run nothing else.

    The scripts are Vega, from the bundle that `vl_convert` brings, and the page's own.
    """
    style = style_of(folder, STYLES)
    # The bundle's names stay its own.
    scripts = [f"(() => {{{_vega()}}})();"]
    scripts += [(folder / name).read_text(encoding="utf-8") for name in SCRIPTS]
    # A script element's content ends at the first </script.
    scripts = [script.replace("</script", "<\\/script") for script in scripts]
    policy = (
        f"default-src 'none'; img-src data:; style-src {hash_of(style)}; "
        f"style-src-attr 'unsafe-inline'; script-src {' '.join(map(hash_of, scripts))}; "
        "base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "scripts": [*map(Markup, scripts)], "policy": policy}


def render_page(path: Path, context: Mapping[str, Any]) -> str:
    """Fill the page's template in, as :func:`~dvs_snn.report.template.render` does."""
    return render(path, context | page_parts(path.parent))
