"""Check recordings before anything is trained: prints what is found, and writes a page on it.

Exit status 0 if nothing has to be changed, 1 if something has, 2 if a mistake left no page.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "scripts"))

from dvs_snn.files.errors import StudyError, end_without_environment

try:
    from dvs_snn.files.job import Progress
    from dvs_snn.recordings.plausibility.folders import bare_folder, groups_of, report_of, survey
    from dvs_snn.report.check_page import write_page
    from dvs_snn.settings.study_settings import read_configs
    from dvs_snn.simulation.reference import training_of
except ModuleNotFoundError as error:
    end_without_environment(error)

OURS = Path(__file__).resolve().parents[1] / "config.yaml"


def main() -> int:
    parser = argparse.ArgumentParser(description="Check recordings before anything is trained.")
    add = parser.add_argument
    add("folders", nargs="*", type=Path, help="folders <class>/<file> to check")
    add("--configfile", nargs="+", type=Path, default=[], help="settings whose folders to check")
    add("--output", type=Path, default=Path("check.html"), help="the page (check.html)")
    arguments = parser.parse_args()
    try:
        if arguments.output.suffix.lower() != ".html":
            raise StudyError(f"--output is {arguments.output}, expected a name that ends in .html.")
        study = read_configs([OURS, *arguments.configfile])
        classes, results = study.data.classes, Path("results") / study.study
        groups = [bare_folder(path, classes) for path in arguments.folders] or groups_of(study)
        if not groups:
            raise StudyError(
                "the settings name no folder of recordings; name one, or settings by --configfile."
            )
        progress = Progress(sys.stderr)
        training = training_of(study, results, progress)
        surveyed = [survey(group, study, progress) for group in groups]
        write_page(surveyed, training, study, arguments.output)
    except StudyError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(f"{report_of(surveyed)} (see {arguments.output})")
    return 0 if all(group.is_plausible for group in surveyed) else 1


if __name__ == "__main__":
    sys.exit(main())
