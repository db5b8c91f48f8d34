"""Validates a crate by the format's own program, without a network.

It runs in the environment of docs/publication-requirements.txt: `python validating.py FOLDER`. The
one document that the validator would fetch, the context of RO-Crate 1.1, comes with the package
`rocrate` and is served to it here.
"""

import json
import sys
from importlib import resources
from pathlib import Path

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


def crate_issues(folder: Path) -> dict[str, list[str]]:
    """Return what roc-validator finds against the profile, and those that it extends.

    Issues are `REQUIRED` or `RECOMMENDED`.
    """
    settings = ValidationSettings(
        rocrate_uri=str(folder),
        profile_identifier="workflow-run-crate",
        requirement_severity=Severity.RECOMMENDED,
        no_cache=True,
        skip_availability_check=True,
    )
    found: dict[str, list[str]] = {"REQUIRED": [], "RECOMMENDED": []}
    for issue in services.validate(settings).get_issues():
        text = f"{issue.check.identifier} {issue.violatingEntity}: {issue.message}"
        found[issue.severity.name].append(text)
    return found


def main(folder: Path) -> int:
    """Print what the program says; return the exit status, 1 if a requirement isn't met."""
    serve_context()
    crate = ROCrate(folder)
    print(f"rocrate: {len(crate.get_entities())} entities, workflow {crate.mainEntity.id}")
    issues = crate_issues(folder)
    for severity, texts in issues.items():
        print(f"roc-validator, {severity}: {len(texts)} issues", *sorted(texts), sep="\n  ")
    return bool(issues["REQUIRED"])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
