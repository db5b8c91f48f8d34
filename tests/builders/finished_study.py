"""The folder of a small finished study, made up: a file or two of each kind."""

import json
from pathlib import Path

from dvs_snn.files.hashes import seal

RECORD = {
    "version": "1.0.0",
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "versions": {"python": "3.11.7", "snakemake": "9.27.1", "torch": "2.13.0+cpu"},
    "machine": {"cpu": "Some CPU", "cores": 2},
    "device": "cpu",
    "data": [{"name": "recordings of the study", "n_files": 3, "sha256": "f" * 64}],
    "rerun_command": "snakemake --cores all",
}
FILES = {
    "config.used.yaml": "study: made-up\n",
    "exports/plain/seed-1/README.txt": "3",
    "figures/front.svg": "<svg/>",
    "manifest.csv": "file,sha256,note\n",
    "provenance.json": json.dumps(RECORD),
    "report.html": "<p>",
    "tables/evaluation.csv": "set,accuracy\ntest,0.9\n",
    "work/logs/train/all.log": "",
    "work/networks/plain/seed-1.safetensors": "2",
    "work/recordings/split.csv": "recording,split\n0/0001.bin,test\n",
    "work/recordings/test/0/0001.bin": "12345",
    "work/training/plain/seed-1/weights.safetensors": "1",
}


def make_study(root: Path) -> list[Path]:
    """Write the study into a new folder; return what a crate of it takes, files and folders."""
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    seal([root / "tables/evaluation.csv", root / "report.html"])
    left = ("exports/", "work/logs/", "work/recordings/test/")
    return [root / "exports", *(root / name for name in FILES if not name.startswith(left))]
