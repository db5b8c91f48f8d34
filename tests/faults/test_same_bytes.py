"""Two fresh copies of the project, run in other surroundings, give the same bytes."""

import shutil
import subprocess
from pathlib import Path

from running import run_program, succeed
from studies import check_against, tiny_study

MATPLOTLIBRC = (
    "font.size: 20\naxes.linewidth: 4\nsvg.fonttype: none\naxes.formatter.use_locale: 1\n"
)


def _german(folder: Path) -> dict[str, str]:
    """Return the variables of a locale with decimal commas and Latin-1 files, if it can be made."""
    folder.mkdir()
    if shutil.which("localedef"):
        made = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", "--no-archive", folder / "de_DE"]
        if subprocess.run(made, capture_output=True).returncode == 0:
            return {"LOCPATH": str(folder), "LC_ALL": "de_DE", "LANG": "de_DE"}
    return {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}


def test_one_core_another_folder_locale_zone_and_user_give_the_same_bytes(
    finished, undisturbed, tmp_path, monkeypatch
):
    second = tiny_study(tmp_path / "another folder ü" / "project")
    home = tmp_path / "home"
    home.mkdir()
    (home / "matplotlibrc").write_text(MATPLOTLIBRC)
    surroundings = {
        "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "77", "PYTHONUTF8": "0", "HOME": str(home),
        "PYTHONIOENCODING": "utf-8",
        "XDG_CACHE_HOME": str(home / "cache"), "MPLCONFIGDIR": str(home), **_german(tmp_path / "l"),
    }  # fmt: skip
    for key, value in surroundings.items():
        monkeypatch.setenv(key, value)
    succeed(second.project, *second.command(cores=1))
    check_against(undisturbed, second)
    program = ("workflow/compare_manifests.py", finished.results, second.results)
    assert run_program(second.project, *program).startswith("Both hold the same ")
