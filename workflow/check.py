"""Check recordings before anything is trained.

python workflow/check.py path/to/recordings
python workflow/check.py --configfile mine.yaml

Exit status 0 if nothing has to be changed, 1 if something has, 2 if the settings can't be read.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "scripts"))

from dvs_snn.files.errors import StudyError
from dvs_snn.files.job import Progress
from dvs_snn.plausibility.survey.folders import survey
from dvs_snn.plausibility.survey.groups import bare_folder, groups_of
from dvs_snn.plausibility.survey.reference import training_of
from dvs_snn.plausibility.survey.told import report_of
from dvs_snn.settings.study import read_configs

OURS = Path(__file__).resolve().parents[1] / "config.yaml"


def main() -> int:
    parser = argparse.ArgumentParser(description="Check recordings before anything is trained.")
    parser.add_argument("folders", nargs="*", type=Path, help="folders <class>/<file> to check")
    parser.add_argument(
        "--configfile", nargs="+", type=Path, default=[], help="settings whose folders to check"
    )
    arguments = parser.parse_args()
    try:
        settings = read_configs([OURS, *arguments.configfile])
        classes = settings["data"]["classes"]
        groups = [bare_folder(one, classes) for one in arguments.folders] or groups_of(settings)
        if not groups:
            raise StudyError(
                "the settings name no folder of recordings, expected data.folder or "
                "evaluation.sets; name a folder, or settings with --configfile."
            )
        progress = Progress(sys.stderr)
        training = training_of(settings, Path("results") / settings["study"], progress)
        surveyed = survey(groups, training, settings["inference"]["step_ms"], progress)
    except StudyError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(report_of(surveyed))
    return 0 if all(one.is_plausible for one in surveyed) else 1


if __name__ == "__main__":
    sys.exit(main())
