"""The two profiles of the fuzz tests, and what they report at the end."""

import sys

import pytest
from bounds import TALLIES
from hypothesis import settings

settings.register_profile("long", max_examples=1500)

if not sys.platform.startswith("linux"):
    collect_ignore_glob = ["test_*.py"]  # memory is watched by Linux's own counters


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what became of the bad inputs, by kind."""
    if not TALLIES:
        return
    terminalreporter.section("bad inputs")
    line = "{:34} {:>8} {:>8} {:>12} {:>10}"
    terminalreporter.write_line(line.format("kind", "refused", "read", "slowest (s)", "most (MB)"))
    for kind, tally in sorted(TALLIES.items()):
        terminalreporter.write_line(
            line.format(
                kind, tally.refused, tally.read, f"{tally.seconds:.2f}", f"{tally.bytes / 1e6:.0f}"
            )
        )
    n_refused = sum(tally.refused for tally in TALLIES.values())
    n_read = sum(tally.read for tally in TALLIES.values())
    terminalreporter.write_line(line.format("in all", n_refused, n_read, "", ""))
