"""Damaged files of other makers' formats: a recording or one sentence, nothing hung, no crash.

Native libraries read them in a process apart. Random changes come from a seed, not from
hypothesis: so thousands take seconds.
"""

import random

import h5py
import pytest
from bounds import refused
from damage import mutated
from foreign_files import SIZE, a_walk, as_evt21, as_text, by_faery, by_h5py, columns

from dvs_snn.events.recording import read_recording

N_FILES = 2000
RECORDING = a_walk(120)


def prophesee(folder, version, suffix=".raw"):
    """Two files of faery, one of a seldom sensor and without the offset of its times."""
    for number, recording in enumerate((RECORDING, a_walk(40, 2, (64, 48)))):
        path = folder / f"{number}{suffix}"
        yield by_faery(path, recording, version=version, zero_t0=number == 0)


def aedat4(folder):
    for name in ("none", "lz4", "zstd"):
        packing = None if name == "none" else (name, 1)
        yield by_faery(folder / f"{name}.aedat4", RECORDING, compression=packing)


def evt21(folder):
    for legacy in (True, False):
        path = folder / f"{legacy}.raw"
        path.write_bytes(as_evt21(RECORDING, legacy))
        yield path


def hdf5(folder):
    members = columns(RECORDING)
    grouped = {f"events/{name}": array for name, array in members.items()}
    yield by_h5py(folder / "0.h5", {"CD/events": RECORDING.events}, geometry="346x260")
    yield by_h5py(folder / "1.h5", grouped | {"ms_to_idx": [0], "t_offset": 9}, sensor_size=SIZE)
    path = folder / "2.h5"
    with h5py.File(path, "w", libver="latest") as file:
        for name, array in members.items():
            packing = {"compression": "gzip", "shuffle": True, "fletcher32": True}
            file.create_dataset(name, data=array, chunks=(50,), **packing)
        file["t"].attrs["unit"] = "us"
    yield path


def text(folder):
    for number, first in enumerate((["346 260"], ["x,y,p,t_us"], ["# t[ms] x y p", "# 9 9"])):
        path = folder / f"{number}.txt"
        path.write_bytes(as_text(RECORDING, *first, mark=" ,"[number % 2]))
        yield path


FORMATS = {
    "AEDAT 4": aedat4,
    "RAW, EVT2": lambda folder: prophesee(folder, "evt2"),
    "RAW, EVT2.1": evt21,
    "RAW, EVT3": lambda folder: prophesee(folder, "evt3"),
    "DAT": lambda folder: prophesee(folder, "dat2", ".dat"),
    "HDF5": hdf5,
    "text": text,
}


@pytest.mark.parametrize("name", list(FORMATS))
def test_damaged_files(tmp_path, name):
    paths = list(FORMATS[name](tmp_path))
    sound = [path.read_bytes() for path in paths]
    rng = random.Random(name)
    bad = tmp_path / f"bad{paths[0].suffix}"
    sentences = 0
    for _ in range(N_FILES):
        bad.write_bytes(mutated(rng, sound))
        sentence = refused(f"{name} damaged", read_recording, bad, None, rng.choice((None, "s")))
        sentences += sentence is not None
    # The changes do damage, and not always.
    assert N_FILES / 4 < sentences < N_FILES
