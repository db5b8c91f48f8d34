"""Compare the manifests of two runs: python workflow/compare_manifests.py results/a results/b.

Exit status 0 if they agree, 1 if not, 2 if one can't be read.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "scripts"))

from dvs_snn.files.errors import StudyError, end_without_environment

try:
    from dvs_snn.publication.result_manifest import verdict
except ModuleNotFoundError as error:
    end_without_environment(error)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the manifests of two runs of a study.")
    parser.add_argument("first", type=Path, help="a manifest.csv, or a study's folder")
    parser.add_argument("second", type=Path, help="the other")
    arguments = parser.parse_args()
    try:
        agree, text = verdict(arguments.first, arguments.second)
    except StudyError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(text)
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
