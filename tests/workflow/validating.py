"""Validates a crate by the format's own program, without a network: `python validating.py FOLDER`.

The validator would fetch one document, the context of RO-Crate 1.1; the package `rocrate` has it.
"""

import sys
from importlib import resources

import requests
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def send(self, request, **options):
    """Answer a request for the context from the package, and refuse all others."""
    if request.url != CONTEXT:
        raise requests.ConnectionError(f"{request.url}: there is no network here")
    answer = requests.Response()
    answer.status_code, answer.url, answer.request = 200, request.url, request
    answer.headers["Content-Type"] = "application/ld+json"
    answer._content = (resources.files("rocrate") / "data/ro-crate.jsonld").read_bytes()
    return answer


if __name__ == "__main__":
    requests.adapters.HTTPAdapter.send = send
    settings = ValidationSettings(
        rocrate_uri=sys.argv[1],
        profile_identifier="workflow-run-crate",
        requirement_severity=Severity.REQUIRED,
        no_cache=True,
        skip_availability_check=True,
    )
    issues = [issue.message for issue in services.validate(settings).get_issues()]
    print(*issues, sep="\n")
    sys.exit(bool(issues))
