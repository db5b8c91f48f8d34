"""The folder of a small finished study, made up: few recordings, tables and networks."""

import json
from pathlib import Path

import pandas as pd
import yaml
from result_tables import make_evaluation

from dvs_snn.files.hashes import seal, sha256_of
from dvs_snn.networks.description import NETWORK_TABLE
from dvs_snn.realism.pairs import PAIR_COLUMNS
from dvs_snn.sources.split_table import SPLIT_COLUMNS
from dvs_snn.training.curve import CURVE_COLUMNS

NAMES = ("0/mnist_0_scale04_0001.aedat", "1/mnist_1_scale16_0001.aedat", "1/0002.bin")
CONFIG = {
    "study": "made-up",
    "variants": {"plain": {}, "mine": {"weights": "mine.pt"}},
    "training": {"method": "rescaled", "epochs": 2},
    "model": {"name": "tutorial"},
    "data": {"source": "simulated", "classes": [str(digit) for digit in range(10)]},
}
RECORD = {
    "version": "1.0.0",
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "versions": {"python": "3.11.7", "snakemake": "9.27.1", "torch": "2.13.0+cpu"},
    "machine": {"cpu": "Some CPU", "cores": 2},
    "device": "cpu",
    "data": [{"name": "recordings of the study", "n_files": 3, "sha256": "f" * 64}],
    "rerun_command": "snakemake --cores all",
}


def _cells(columns, row: int, **given: object) -> dict[str, object]:
    """Return a row of a table: numbers, where nothing else is given."""
    numbers = {"whole": row + 1, "number": 0.5 + row, "text": ""}
    return {name: given.get(name, numbers[column.kind]) for name, column in columns.items()}


def make_study(root: Path) -> Path:
    """Write the study into a new folder; return it."""
    rows = []
    for number, name in enumerate(NAMES):
        path = root / "recordings/test" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(5 * (number + 1)))
        digit = name[0]
        rows.append(
            _cells(
                SPLIT_COLUMNS, number, recording=name, file=str(path), label=int(digit),
                symbol=f"{digit}/000{number}", split="test", sha256=sha256_of(path),
            )
        )  # fmt: skip
    pairs = [_cells(PAIR_COLUMNS, number, symbol=f"0/000{number}") for number in (1, 2)]
    curve = [dict(zip(CURVE_COLUMNS, ("plain", 1, epoch, 0.5, 0.8, 0.7125), strict=True))
             for epoch in (1, 2)]  # fmt: skip
    layers = [("conv1", "conv", "8x62x62", 72, 72, 67.6, 276_768),
              ("fc1", "linear", "10", 1000, 10, 10.0, 1000)]  # fmt: skip
    evaluation = make_evaluation(("plain", "mine"), (1,), (1.0, 2.0))
    evaluation = evaluation.assign(n_beyond=0, accuracy_within=evaluation["accuracy"])
    tables = {
        "recordings/split.csv": pd.DataFrame(rows),
        "twins/pairs.csv": pd.DataFrame(pairs),
        "tables/evaluation.csv": evaluation,
        "tables/training.csv": pd.DataFrame(curve),
        "tables/network.csv": pd.DataFrame(layers, columns=list(NETWORK_TABLE)),
    }
    for name, table in tables.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(root / name, index=False)
    for name, text in {
        "figures/front.svg": "<svg/>", "report.html": "<p>", "manifest.csv": "file,sha256,note\n",
        "training/plain/seed-1/weights.safetensors": "1", "networks/plain/seed-1.safetensors": "2",
        "exports/plain/seed-1/README.txt": "3", "cards/plain/seed-1.md": "# 4\n",
        "logs/train/all.log": "", "provenance.json": json.dumps(RECORD),
        "config.used.yaml": yaml.safe_dump(CONFIG),
    }.items():  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    seal([root / "tables/evaluation.csv", root / "report.html"])
    return root
