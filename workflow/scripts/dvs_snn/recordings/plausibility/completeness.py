"""Whether each file holds one recording: whole, once, and each of its events once."""

import pandas as pd

from dvs_snn.recordings.plausibility.finding import Finding, seconds_words, some_words

MOST_REPEATED = 0.01
"""Share of a file's events that repeat another. Of 1,000 real N-MNIST files 560 hold some, at most
0.0016 of a file; simulated ones hold none."""

NEARLY_ALL, NEAR, CUT = 0.9, 0.2, 0.6
"""If so many recordings lie within `NEAR` of the median length, one below `CUT` of it is cut. Real
and simulated sets lie within 0.06 of it."""


def completeness(rows: pd.DataFrame) -> list[Finding]:
    """Tell of events twice, of copies, of recordings cut short, and of events out of order."""
    names, share = rows["recording"], rows["n_repeated"] / rows["n_events"]
    middle, again = rows["duration_s"].median(), rows["sha256"].duplicated()
    length = rows["duration_s"] / middle
    is_cut = (length < CUT) & (((length - 1).abs() <= NEAR).mean() >= NEARLY_ALL)
    checks = {
        "repeated_events": (
            names[share > MOST_REPEATED].tolist(),
            f"hold events twice, up to {100 * share.max():.0f} % of their events, and the power "
            "counts them twice: of events equal in t, x, y and p keep one",
        ),
        "copies": (
            names[again].tolist() + "".join(rows["copies"]).split("//")[1:],
            "are copies of others, and in one class count once: remove them",
        ),
        "length": (
            names[is_cut].tolist(),
            f"are below {CUT} of the median of {seconds_words(middle)}, near which nearly all "
            "others are: are they cut? fetch or write them again, or leave them out",
        ),
        "order": (names[rows["n_resorted"] > 0].tolist(), "had events out of order, now sorted"),
    }
    return [
        Finding(
            check,
            "told" if check == "order" else "warning",
            f"{len(which)} recordings ({some_words(which)}) {sentence}",
        )
        for check, (which, sentence) in checks.items()
        if which
    ]
