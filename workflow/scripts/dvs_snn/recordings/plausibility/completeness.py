"""Whether each file holds one recording: whole, once, and each of its events once."""

import pandas as pd

from dvs_snn.recordings.plausibility.finding import Finding, seconds_words, some_words

MOST_REPEATED = 0.01
"""Share of a file's events that repeat another. Of 1,000 real N-MNIST files 560 hold some, at most
0.0016 of a file; simulated ones hold none."""

FEWEST_EVENTS = 100
"""With fewer, a pause tells nothing."""

ONE_SIDED = 0.98
NEARLY_ALL = 0.9
"""If so many recordings have larger or smaller ON shares, one polarity lacks. Real recordings have
shares of 0.4 to 0.6."""

MOST = 0.75
NEAR = 0.2
CUT = 0.6
"""If so many recordings lie within `NEAR` of the median length, one below `CUT` of it is cut. Real
and simulated sets lie within 0.06 of it."""


def has_gap(rows: pd.DataFrame) -> pd.Series:
    """Return where a recording pauses for longer than all the rest of it takes: bool."""
    return (rows["n_events"] >= FEWEST_EVENTS) & (rows["gap_s"] > rows["duration_s"] / 2)


def completeness(rows: pd.DataFrame) -> list[Finding]:
    """Tell of events twice, copies, recordings cut short, long pauses, and one polarity alone."""
    names = rows["recording"]
    repeated = rows["n_repeated"] / rows["n_events"]
    lengths = rows["duration_s"]
    median = lengths.median()
    is_even = ((lengths / median - 1).abs() <= NEAR).mean() >= MOST
    is_paused = has_gap(rows)
    longest = rows.loc[rows["gap_s"].where(is_paused, 0).idxmax()]
    checks = {
        "repeated_events": (
            names[repeated > MOST_REPEATED].tolist(),
            f"hold events twice, up to {100 * repeated.max():.0f} % of their events, and SynOps "
            "count both: keep one of the events with equal t, x, y and p; if times are rounded, "
            "write exact ones",
        ),
        "copies": (
            "".join(rows["copies"]).split("//")[1:],
            "are copies of others, and count once in a class: remove them",
        ),
        "length": (
            names[is_even & (lengths < CUT * median)].tolist(),
            f"are shorter than {CUT} of the median, {seconds_words(median)}, near which most "
            "lie: are they cut? fetch or write them again, or leave them out",
        ),
        "gap": (
            names[is_paused].tolist(),
            "pause for longer than all the rest lasts, so their mean power is too small: "
            f"{longest['recording']} for {seconds_words(longest['gap_s'])} before its event "
            f"{longest['gap_event']:,} of {longest['n_events']:,}; cut off the shorter part",
        ),
    }
    findings = [
        Finding(check, "warning", f"{len(which)} recordings ({some_words(which)}) {sentence}")
        for check, (which, sentence) in checks.items()
        if which
    ]
    shares = rows["on_share"].dropna()
    if len(shares) and (shares.gt(ONE_SIDED) | shares.lt(1 - ONE_SIDED)).mean() > NEARLY_ALL:
        kind = "ON" if shares.median() > 0.5 else "OFF"
        sentence = f"nearly all events are {kind}: a network with two polarities lacks the others"
        findings.append(Finding("on_share", "told", sentence))
    return [*findings, *_same_events(rows)]


def _same_events(rows: pd.DataFrame) -> list[Finding]:
    """Tell of recordings in several classes or folders that hold the same events."""
    folders = rows["recording"].str.rpartition("/")[0]
    is_shared = folders.groupby(rows["events_hash"]).transform("nunique") > 1
    groups = [
        names.tolist()
        for _, names in rows[is_shared].groupby("events_hash", sort=False)["recording"]
    ]
    if not groups:
        return []
    more = f", and {len(groups) - 1} more groups" if len(groups) > 1 else ""
    sentence = (
        f"{some_words(groups[0])}{more} hold the same events: keep each recording once, in the "
        "class that it shows"
    )
    return [Finding("same_events", "warning", sentence)]
