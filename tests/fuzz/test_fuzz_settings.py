"""Bad settings and odd names: one sentence each; no name becomes a path, a pattern or markup."""

import copy
import os
import re
from pathlib import Path

import pytest
import yaml
from bounds import fuzz, refused
from damage import damaged, names
from hypothesis import given
from hypothesis import strategies as st

from dvs_snn.files.errors import StudyError
from dvs_snn.settings.study import WORKFLOW, read_config, read_study
from dvs_snn.sources.folder import list_folder, listing_digest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "config.yaml").read_bytes()
TUNED = (WORKFLOW / "settings" / "simulated.yaml").read_bytes()
# All keys, also keys that no file names.
DEFAULT = read_config(ROOT / "config.yaml")
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _places(value: object, place: tuple = ()) -> list[tuple]:
    found = [place] if place else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _places(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found += _places(inner, (*place, number))
    return found


PLACES = _places(DEFAULT)

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), names, st.dates(), st.binary(max_size=5),
    st.sampled_from([10**400, -0.0, 1e-320, "x" * 10**5, 2**64]),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(names, st.integers(), st.none(), st.booleans()), inner, max_size=4
        ),
    ),
    max_leaves=8,
)


def settle(config: object) -> None:
    study = read_study(config)
    sets = [entry.name for entry in study.evaluation.sets]
    for name in (study.study, *study.variants, *sets, *study.simulation.sensors):
        assert PLAIN.fullmatch(name)


@fuzz
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), values), min_size=1, max_size=3))
def test_settings_with_odd_values(changes):
    config = copy.deepcopy(DEFAULT)
    for place, value in changes:
        inner = config
        for key in place[:-1]:
            if not (isinstance(inner, list) and isinstance(key, int) and key < len(inner)) and not (
                isinstance(inner, dict) and key in inner
            ):
                break
            inner = inner[key]
        else:
            if isinstance(inner, dict) or (
                isinstance(inner, list) and place[-1] in range(len(inner))
            ):
                inner[place[-1]] = value
    refused("settings of odd values", settle, config)


@fuzz
@given(
    key=names,
    value=values,
    section=st.sampled_from(["", "data", "training", "variants", "simulation"]),
)
def test_settings_with_odd_keys(key, value, section):
    config = copy.deepcopy(DEFAULT)
    (config[section] if section else config)[key] = value
    refused("settings of odd keys", settle, config)


@fuzz
@given(content=damaged([TEXT, TUNED]))
def test_damaged_settings_files(content):
    try:
        config = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError):
        return  # Snakemake reads the file, and says so
    refused("settings file damaged", settle, config)


@pytest.mark.parametrize("key", ["study", "recordings", "seeds", "variants", "data"])
@pytest.mark.parametrize("many", [5, 9, 30])
def test_aliases_that_multiply(key, many):
    bomb = ["x"]
    for _ in range(many):
        bomb = [bomb] * 10
    refused("settings of multiplied aliases", settle, {**DEFAULT, key: bomb})
    nested = {}
    for _ in range(many * 100):
        nested = {"a": nested}
    refused("settings of multiplied aliases", settle, {**DEFAULT, key: nested})


@fuzz
@given(name=names, suffix=st.sampled_from([".npz", ".aedat", ".bin", ".NPZ", ""]))
def test_odd_file_names(tmp_path_factory, name, suffix):
    # A file's name holds no slash; joined to a folder, "/etc/passwd" would be that very file.
    name = name.replace("/", ":")
    root = tmp_path_factory.mktemp("names", numbered=True)
    (root / "3").mkdir()
    try:
        path = os.path.join(
            os.fsencode(root / "3"), (name + suffix).encode("utf-8", "surrogateescape")
        )
        with open(path, "wb") as file:
            file.write(b"x")
    except (OSError, ValueError):
        return  # the file system refuses it
    if refused("file name", list_folder, root) is None:
        (file,) = list_folder(root)
        assert file.name.startswith("3/")
        assert file.name.isprintable() or not re.search(r"[\x00-\x1f]", file.name)
        assert file.path.parent == root / "3"
        assert len(listing_digest(root)) == 16


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
@pytest.mark.parametrize("suffix", [".npz", ".aedat", ".bin"])
def test_what_is_no_file_is_refused_and_does_not_hang(tmp_path, make, suffix):
    from dvs_snn.events.recording import read_recording

    make(tmp_path / f"a{suffix}")
    sentence = refused("recording that is no file", read_recording, tmp_path / f"a{suffix}")
    assert "no plain file" in sentence


def test_the_default_settings_are_sound():
    try:
        settle(DEFAULT)
    except StudyError as error:
        pytest.fail(str(error))
