"""What the page shows of a recording: a film of its events, and facts frame by frame.

Both have the same frames, each of one or more time steps: ``film.png`` holds a tile for
each, and ``player.json`` what the network did up to the end of each.
"""

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from dvs_snn.files.atomic import replacing
from dvs_snn.files.tables import read_table
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.report import recorded, style
from dvs_snn.report.cells import label_text
from dvs_snn.report.pictures import parts, save_picture
from dvs_snn.settings.data import TEN_DIGITS, Classes

CAPTION = (
    "The events of {frame} at a time{colours}. Beside them are the output spikes of the ten "
    "neurons so far: the network reads the digit of the most active one. On the right is the power "
    "in each frame."
)
STOPS = (
    " The orange line marks when the network stops: once its best output leads by {lead:g} spikes. "
    "The film ends after twice that time, or with the recording."
)
NEVER_STOPS = " Its best output never leads by {lead:g} spikes, so it reads to the end."
COLOURS = ", ON in blue and OFF in orange"
MAX_FRAMES = 130
TILE = 64
COLUMNS = 16
LEVELS = 3
# Opacity of a pixel by its level: the page's own background, light or dark, shines through.
OPACITY = (0, 140, 200, 255)


@dataclass(frozen=True)
class RecordingJob:
    """What the rule `plot_recording` gives.

    Attributes:
        events: the recording's file, or a split table that lists it.
        sweeps: what the first seed's network of each variant did on it.
        recordings, choice: result tables.
        shown: which recording it is.
        classes: of the study.
        film: PNG of its events.
        player: JSON of what the network did.
        parts: PNG of its events, a frame of them, and the output spikes.
    """

    events: Path
    sweeps: list[Path]
    recordings: Path
    choice: Path
    shown: recorded.Shown
    classes: Classes
    film: Path
    player: Path
    parts: Path


def plot_recording(job: RecordingJob) -> None:
    """Write a recording's film, facts and parts, each whole or not at all."""
    recordings = read_table(job.recordings, "recordings")
    choice = read_table(job.choice, "choice")
    read = recorded.quoted_reading(job.sweeps, recordings, choice, job.shown)
    recording = job.shown.open(job.events)
    save_picture(parts(recording, read, job.classes), job.parts)

    if read.exit_ms is not None:
        n = math.ceil(2 * read.exit_ms / read.step_ms)
        read = replace(
            read, spikes=read.spikes[:n], running=read.running[:n], synops=read.synops[:n]
        )

    steps = max(1, math.ceil(len(read.spikes) / MAX_FRAMES))
    frame_us = round(1000 * steps * read.step_ms)
    counts = film_counts(recording, frame_us, math.ceil(len(read.spikes) / steps))
    with replacing(job.film) as temporary:
        save_film(counts, temporary)

    colours = COLOURS if recording.has_polarity else ""
    caption = CAPTION.format(frame=f"{steps * read.step_ms:g} ms", colours=colours)
    if read.lead is not None:
        ending = NEVER_STOPS if read.exit_ms is None else STOPS
        caption += ending.format(lead=read.lead)
    height, width = counts.shape[2:]
    content = {
        "title": read.title,
        "caption": job.classes.worded(caption),
        **frame_facts(read, steps, job.classes),
        "tile": [width, height],
        "columns": COLUMNS,
    }
    with replacing(job.player) as temporary:
        temporary.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


def film_counts(recording: EventRecording, frame_us: int, n_frames: int) -> np.ndarray:
    """Count the events of frames of `frame_us` microseconds: int64 (frame, kind, height, width).

    A pixel of these tiles, of at most `TILE` a side, gathers a square of the sensor's. Kinds are ON
    and OFF, or all events where they have no polarity. Events after the last frame are left out.
    """
    width, height = recording.sensor_size
    square = max(1, math.ceil(max(width, height) / TILE))
    n_kinds = 2 if recording.has_polarity else 1
    shape = (n_frames, n_kinds, -(-height // square), -(-width // square))
    events = recording.events

    t = events["t"].astype(np.int64)
    frame = (t - t[0]) // frame_us
    kind = (~events["p"] & recording.has_polarity).astype(np.int64)
    row = events["y"].astype(np.int64) // square
    column = events["x"].astype(np.int64) // square

    places = np.stack([frame, kind, row, column])[:, frame < n_frames]
    flat = np.ravel_multi_index(tuple(places), shape)
    return np.bincount(flat, minlength=math.prod(shape)).reshape(shape)


def save_film(counts: np.ndarray, path: Path) -> None:
    """Write counts as of :func:`film_counts` as a PNG: tiles in rows of `COLUMNS`, few colours."""
    from matplotlib.colors import to_rgb

    levels = np.minimum(np.ceil(counts * LEVELS / style.full_scale(counts)), LEVELS)

    n, kinds, height, width = levels.shape
    shades = np.zeros((math.ceil(n / COLUMNS) * COLUMNS, height, width), np.uint8)
    for kind in range(kinds):
        shades[:n] += (levels[:, kind] * (LEVELS + 1) ** kind).astype(np.uint8)
    sheet = shades.reshape(-1, COLUMNS, height, width).swapaxes(1, 2)
    image = Image.fromarray(np.ascontiguousarray(sheet.reshape(-1, COLUMNS * width)), "P")

    # A grey that can be seen on white and on black.
    colours = (style.BLUE, style.VERMILLION) if kinds == 2 else (style.GREY,)
    palette: list[int] = []
    opacity = []
    for shade in range((LEVELS + 1) ** kinds):
        by_kind = np.array([shade // (LEVELS + 1) ** kind % (LEVELS + 1) for kind in range(kinds)])
        mixed = by_kind @ np.array([to_rgb(colour) for colour in colours]) / max(by_kind.sum(), 1)
        palette += np.round(255 * mixed).astype(int).tolist()
        opacity.append(OPACITY[by_kind.max()])

    image.putpalette(palette)
    bits = 4 if kinds == 2 else 2
    image.save(path, format="PNG", optimize=True, bits=bits, transparency=bytes(opacity))


def frame_facts(
    read: recorded.QuotedReading, steps: int, classes: Classes = TEN_DIGITS
) -> dict[str, object]:
    """What the network did up to the end of each frame of `steps` time steps.

    By frame: `spikes`, output spikes so far of each class; `reads`, the most active neuron so far
    or None; `synops_per_s` within the frame. A power in mW is SynOps/s x pJ x 1e-9. `exit_ms` is
    when the network stopped, None at the end; the mean SynOps/s count until then.
    """
    n_steps = len(read.spikes)
    starts = np.arange(0, n_steps, steps)
    ends = np.minimum(starts + steps, n_steps)
    so_far = np.cumsum(read.spikes, axis=0, dtype=np.int64)[ends - 1]

    # The last frame may hold fewer steps.
    seconds = (ends - starts) * read.step_ms / 1000
    synops = np.add.reduceat(read.synops, starts)

    shown = label_text(read.label)
    return {
        "word": classes.word,
        "names": list(classes.names),
        "frame_ms": steps * read.step_ms,
        "duration_ms": n_steps * read.step_ms,
        "exit_ms": None if read.exit_ms is None else round(read.exit_ms, 3),
        "shown": classes.names.index(shown) if shown else None,
        "spikes": so_far.tolist(),
        "reads": [label if label >= 0 else None for label in read.running[ends - 1].tolist()],
        "synops_per_s": np.round(synops / seconds).astype(np.int64).tolist(),
        "mean_synops_per_s": round(float(read.synops.sum() / (read.read_ms / 1000))),
    }
