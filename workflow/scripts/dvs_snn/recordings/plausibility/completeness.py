"""Whether each file holds one recording: whole, once, and each of its events once."""

import pandas as pd

from dvs_snn.recordings.plausibility.finding import Finding, seconds_words, some_words

MOST_REPEATED = 0.01
"""Share of a file's events that repeat another. Of 1,000 real N-MNIST files 560 hold some, at most
0.0016 of a file; simulated ones hold none."""

NEARLY_ALL = 0.9
NEAR = 0.2
CUT = 0.6
"""If so many recordings lie within `NEAR` of the median length, one below `CUT` of it is cut. Real
and simulated sets lie within 0.06 of it."""


def completeness(rows: pd.DataFrame) -> list[Finding]:
    """Tell of events twice, of copies, of recordings cut short, and of events out of order."""
    names = rows["recording"]
    repeated = rows["n_repeated"] / rows["n_events"]
    lengths = rows["duration_s"]
    median = lengths.median()
    is_even = ((lengths / median - 1).abs() <= NEAR).mean() >= NEARLY_ALL
    # Copies in another class or folder stand in the table.
    copies = [*names[rows["sha256"].duplicated()], *"".join(rows["copies"]).split("//")[1:]]
    checks = {
        "repeated_events": (
            names[repeated > MOST_REPEATED],
            f"hold events twice, up to {100 * repeated.max():.0f} % of their events, and the power "
            "counts both: of events equal in t, x, y and p keep one",
        ),
        "copies": (copies, "are copies of others, and count once in a class: remove them"),
        "length": (
            names[is_even & (lengths < CUT * median)],
            f"are below {CUT} of the median of {seconds_words(median)}, near which nearly all "
            "others are: are they cut? fetch or write them again, or leave them out",
        ),
        "order": (names[rows["n_resorted"] > 0], "had events out of order, now sorted"),
    }
    findings = []
    for check, (which, sentence) in checks.items():
        if len(which):
            sentence = f"{len(which)} recordings ({some_words(list(which))}) {sentence}"
            findings.append(Finding(check, "told" if check == "order" else "warning", sentence))
    return findings
