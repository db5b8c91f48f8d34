"""The long profile of the fuzz tests: `--hypothesis-profile=long`."""

import sys

from hypothesis import settings

settings.register_profile("long", max_examples=1500)

if not sys.platform.startswith("linux"):
    collect_ignore_glob = ["test_*.py"]  # memory is bounded by Linux's own counters
