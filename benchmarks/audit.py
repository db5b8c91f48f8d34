"""Makes an environment for NeuroBench and spikingjelly, counts SynOps there, ships the counts.

    python benchmarks/audit.py [--environment .venv-audit]

Any Python that the study supports will do; it needs no package. The environment takes 8 GB, most
of it torch's CUDA build. The counts go to workflow/data/audit.csv.
"""

import argparse
import subprocess
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parent / "workflow/data/audit.csv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environment", type=Path, default=HERE.parent / ".venv-audit")
    python = parser.parse_args().environment / "bin" / "python"
    if not python.exists():
        venv.create(python.parents[1], with_pip=True)
    requirements = HERE / "audit-requirements.txt"
    subprocess.run([python, "-m", "pip", "install", "-r", requirements], check=True)
    subprocess.run([python, HERE / "counters.py", SHIPPED], check=True)


if __name__ == "__main__":
    main()
