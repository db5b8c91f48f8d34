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


def main(folder: Path) -> int:
    """Print what doesn't meet the profile and those that it extends; return the exit status."""
    serve_context()
    settings = ValidationSettings(
        rocrate_uri=str(folder),
        profile_identifier="workflow-run-crate",
        requirement_severity=Severity.REQUIRED,
        no_cache=True,
        skip_availability_check=True,
    )
    issues = list(services.validate(settings).get_issues())
    for issue in issues:
        print(f"{issue.check.identifier} {issue.violatingEntity}: {issue.message}")
    return bool(issues)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
