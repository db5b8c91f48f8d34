"""Names that come from elsewhere go through jobs unharmed, and never into a path or a shell."""

import re

import pandas as pd
import pytest
from made_archives import write_nmnist
from running import SMOKE, succeed, write_config, write_recordings

FOLDER = "we ird; $(touch pwned) `touch pwned` 'it' \"q\" & | ü"
NAMES = [
    "a;b", "$(touch pwned)", "`touch pwned`", "<script>alert(1)<", "it's \"quoted\"", "ä 数字",
    "x" * 240, "-rf", "{seed}", "NA", "a,b", "%s", "<results>",
]  # fmt: skip


@pytest.mark.long
def test_odd_names_of_folders_and_files_run_through(project, tmp_path):
    root = tmp_path / FOLDER
    for file in write_nmnist(tmp_path, 1, range(2)):
        folder = root / file.parent.name
        folder.mkdir(parents=True)
        for number, name in enumerate(NAMES):  # copies would count as one recording
            whole = file.read_bytes()
            (folder / f"{name}.bin").write_bytes(whole[: len(whole) - 5 * number])
    row = {"recording": "A", "file": str(root / "0/a;b.bin"), "note": "<script>$(touch pwned)"}
    config = write_config(
        project,
        "odd; $(touch pwned).yaml",
        study="odd",
        recordings=write_recordings(tmp_path / "my recordings;.tsv", row),
        data={"source": "folder", "folder": str(root), "sensor_size": [34, 34]},
        evaluation={"sets": [{"name": "mine", "folder": str(root)}]},
    )
    targets = ["work/recordings/split.csv", "work/events/mine.csv"]
    # The targets come first: what follows --configfile is taken for more of its files.
    succeed(project, *(f"results/odd/{name}" for name in targets), "--cores", "2", *SMOKE, config)
    expected = {f"{digit}/{name}.bin" for digit in range(2) for name in NAMES}
    for path in targets:
        read = pd.read_csv(project / "results/odd" / path, keep_default_na=False)
        assert set(read["recording"]) == expected
    written = [path.relative_to(project).as_posix() for path in project.glob("results/odd/**/*")]
    assert written
    assert all(re.fullmatch(r"[A-Za-z0-9._/~-]+", path) for path in written)
    assert not [*project.rglob("pwned*"), *tmp_path.rglob("pwned")]
