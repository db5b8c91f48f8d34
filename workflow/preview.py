"""Look at recordings, and at what a network sees of them, on one page.

python workflow/preview.py path/to/recording.npz
python workflow/preview.py path/to/recordings --configfile mine.yaml --output mine.html

Exit status 0 if nothing has to be changed, 1 if the page tells something to change, 2 if a mistake
left no page.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "scripts"))

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.report.preview.page import write_preview
from dvs_snn.settings.study import read_configs

OURS = Path(__file__).resolve().parents[1] / "config.yaml"


def main() -> int:
    parser = argparse.ArgumentParser(description="Look at recordings on one page.")
    parser.add_argument("path", type=Path, help="a recording, or a folder of them")
    parser.add_argument(
        "--configfile", nargs="+", type=Path, default=[], help="settings of the study to compare"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("preview.html"), help="the page (preview.html)"
    )
    arguments = parser.parse_args()
    try:
        settings = read_configs([OURS, *arguments.configfile])
        results = Path("results") / settings["study"]
        progress = Progress(sys.stderr)
        found = write_preview(arguments.path, settings, results, arguments.output, progress)
    except StudyError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    verdict = "nothing to change" if found.is_plausible else "something has to be changed"
    print(f"{arguments.output}: {verdict}")
    return 0 if found.is_plausible else 1


if __name__ == "__main__":
    sys.exit(main())
