"""Validates a crate and its Croissant metadata by the formats' own programs, without a network.

It runs in the environment of docs/publication-requirements.txt: `python validating.py FOLDER`. The
one document that the validator would fetch, the context of RO-Crate 1.1, comes with the package
`rocrate` and is served to it here.
"""

import json
import sys
from importlib import resources
from pathlib import Path

import mlcroissant
import requests
from rocrate.rocrate import ROCrate
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def serve_context() -> None:
    """Answer every request for the context from the package, and refuse all others."""
    text = (resources.files("rocrate") / "data/ro-crate.jsonld").read_text(encoding="utf-8")
    assert json.loads(text)["@id"] == CONTEXT

    def send(self, request, **options):
        if request.url != CONTEXT:
            raise requests.ConnectionError(f"{request.url}: there is no network here")
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, request.url, request
        answer.headers["Content-Type"] = "application/ld+json"
        answer._content = text.encode()
        return answer

    requests.adapters.HTTPAdapter.send = send


def crate_issues(folder: Path, severity: Severity) -> list[str]:
    """Return what roc-validator finds in a crate, and in the profiles that it extends."""
    settings = ValidationSettings(
        rocrate_uri=str(folder), profile_identifier="workflow-run-crate",
        requirement_severity=severity, no_cache=True, skip_availability_check=True,
    )  # fmt: skip
    result = services.validate(settings)
    return sorted(
        f"{issue.severity.name} {issue.check.identifier} {issue.violatingEntity}: {issue.message}"
        for issue in result.get_issues()
    )


def main(folder: Path) -> int:
    """Print what is wrong; return the exit status."""
    serve_context()
    crate = ROCrate(folder)
    print(f"rocrate: {len(crate.get_entities())} entities, workflow {crate.mainEntity.id}")
    required = crate_issues(folder, Severity.REQUIRED)
    print(f"roc-validator: {len(required)} issues", *required, sep="\n  ")
    advised = crate_issues(folder, Severity.RECOMMENDED)
    print(f"roc-validator, recommended: {len(advised)} issues", *advised, sep="\n  ")
    path = folder / "croissant.json"
    if path.exists():
        dataset = mlcroissant.Dataset(jsonld=path)
        print("mlcroissant:", dataset.metadata.issues.report() or "no issues")
        for one in dataset.metadata.record_sets:
            records = list(dataset.records(one.id))
            print(f"  {one.id}: {len(records)} records, the first {records[0]}")
    return bool(required)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
