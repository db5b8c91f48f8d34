"""Write the licences of all dependencies into docs/cite.md, from what is installed.

Run in an environment of requirements.txt: `python docs/licences.py`. Ends with status 1 if a
licence isn't known to be compatible with MIT, to be looked at by a person.
"""

import importlib.metadata
import re
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
PAGE = Path(__file__).parent / "cite.md"
BEGIN = "<!-- made by `python docs/licences.py`; don't edit -->"
END = "<!-- end -->"
BESIDE = ("torch", "torchvision")
# Words by which a licence is known, most particular first; all let MIT code depend on them.
COMPATIBLE = (
    "Apache", "BSD", "MIT", "ISC", "PSF", "Python Software Foundation", "MPL-2.0",
    "Mozilla Public License 2.0", "Zlib", "Public Domain",
)  # fmt: skip
NOTES = {
    "MPL-2.0": "weak copyleft of its own files, which the study leaves as they are",
    "Public Domain, BSD License, GNU General Public License (GPL)": "only some tools are GPL",
}
MISSING = "not installed where this list was made, since other systems alone need them"


def names() -> list[str]:
    """Return the packages of the lock, and torch and torchvision beside it."""
    packages = re.findall(r"^([a-z0-9-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return sorted({*packages, *BESIDE})


def licence(name: str) -> str:
    """Return what a package says of its licence: expression, classifiers, or its file's title."""
    package = importlib.metadata.distribution(name)
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return expression
    classes = [text.split(" :: ")[-1] for text in metadata.get_all("Classifier") or []
               if text.startswith("License ::")]  # fmt: skip
    if classes:
        return ", ".join(classes)
    first = (metadata.get("License") or "").splitlines()
    files = [file for file in package.files or [] if re.search("licen[cs]e", file.name, re.I)]
    texts = [line.strip() for file in files for line in file.read_text().splitlines()]
    return next((line for line in [*first, *texts] if line), "")


def main() -> int:
    """Write the packages of each licence; return the exit status."""
    status = 0
    packages: dict[str, list[str]] = {}
    for name in names():
        try:
            terms = licence(name)
        except importlib.metadata.PackageNotFoundError:
            terms = MISSING
        if terms != MISSING and not any(word in terms for word in COMPATIBLE):
            print(f"{name}: its licence is {terms!r}; look at it", file=sys.stderr)
            status = 1
        packages.setdefault(terms, []).append(name)
    lines = []
    for terms in sorted(packages, key=lambda terms: (-len(packages[terms]), terms)):
        note = f" ({NOTES[terms]})" if terms in NOTES else ""
        lines.append(f"- **{terms}**{note}: {', '.join(packages[terms])}")
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    made = "\n".join([BEGIN, *lines, END])
    PAGE.write_text(before + made + after, encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
