"""The CNN's accuracy on the tutorial's test frames, which belong to no recording."""

import pandas as pd

from dvs_snn.files.tables import Column
from dvs_snn.networks.key import NETWORK_KEY
from dvs_snn.settings.set_names import FRAMES

FRAMES_COLUMNS = {
    "set": Column("text", "", "`frames`"),
    **NETWORK_KEY,
    "ann_accuracy": Column("number", "share", "frames that the CNN read rightly"),
    "n_frames": Column("whole", "frames", "number of the frames"),
}


def frames_row(variant: str, seed: int, accuracy: float, n_frames: int) -> pd.DataFrame:
    """Return the row of the set `frames`, `FRAMES_COLUMNS`: the CNN alone, symbols unknown.

    It has no interval: frames of one symbol aren't independent.
    """
    row = {"set": FRAMES, "variant": variant, "seed": seed, "ann_accuracy": accuracy}
    return pd.DataFrame([row | {"n_frames": n_frames}])
