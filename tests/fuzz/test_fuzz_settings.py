"""Bad settings and odd names: one sentence each; no name becomes a path, a pattern or markup."""

import copy
import os
import re
from pathlib import Path

import pytest
from bounds import fuzz, refused
from damage import names
from hypothesis import given
from hypothesis import strategies as st

from dvs_snn.recordings.recording import read_recording
from dvs_snn.settings.study_settings import as_dict, read_configs, read_study

ROOT = Path(__file__).parents[2]
# All keys, also keys that no file names.
DEFAULT = as_dict(read_configs([ROOT / "config.yaml"]))
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _sections(value: object, place: tuple = ()) -> list[tuple]:
    """Return the places of all sections and lists."""
    inner = value.items() if isinstance(value, dict) else enumerate(value or ())
    return [place] + [
        found
        for key, one in inner
        if isinstance(one, dict | list) and one
        for found in _sections(one, (*place, key))
    ]


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), names, st.dates(), st.binary(max_size=5),
    st.sampled_from([10**400, -0.0, 1e-320, "x" * 10**5, 2**64]),
)  # fmt: skip
keys = st.one_of(names, st.integers(), st.none(), st.booleans())
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)


def settle(config: object) -> None:
    study = read_study(config)
    sets = [entry.name for entry in study.evaluation.sets]
    for name in (study.study, *study.variants, *sets, *study.simulation.sensors):
        assert PLAIN.fullmatch(name)


@fuzz
@given(place=st.sampled_from(_sections(DEFAULT)), key=keys, value=values, data=st.data())
def test_settings_with_odd_keys_and_values(place, key, value, data):
    config = section = copy.deepcopy(DEFAULT)
    for step in place:
        section = section[step]
    known = [*section] if isinstance(section, dict) else [*range(len(section))]
    if isinstance(section, list) or data.draw(st.booleans()):
        key = data.draw(st.sampled_from(known))
    section[key] = value
    refused("settings", settle, config)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_no_file_is_refused_and_does_not_hang(tmp_path, make):
    make(tmp_path / "a.bin")
    sentence = refused("recording that is no file", read_recording, tmp_path / "a.bin")
    assert "expected a plain file" in sentence
