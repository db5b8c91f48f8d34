"""Validates a crate by the format's own program, without a network.

It runs in the environment of docs/publication-requirements.txt: `python validating.py FOLDER`. The
validator would fetch one document, the context of RO-Crate 1.1; the package `rocrate` has it.
"""

import json
import sys
from importlib import resources

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


if __name__ == "__main__":
    serve_context()
    settings = ValidationSettings(
        rocrate_uri=sys.argv[1],
        profile_identifier="workflow-run-crate",
        requirement_severity=Severity.REQUIRED,
        no_cache=True,
        skip_availability_check=True,
    )
    issues = list(services.validate(settings).get_issues())
    for issue in issues:
        print(f"{issue.check.identifier} {issue.violatingEntity}: {issue.message}")
    sys.exit(bool(issues))
