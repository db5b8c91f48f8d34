import sys

import pytest

from dvs_snn.files.registry import load, module_of, names


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A registry of two entries, `square` and `round_shape`, beside a module that is none."""
    folder = tmp_path / "shapes_for_tests"
    folder.mkdir()
    for name in ("__init__", "_shared", "square", "round_shape"):
        (folder / f"{name}.py").write_text(f"NAME = {name!r}")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder.name
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


def test_a_registry_lists_its_files_and_imports_the_one_that_is_asked_for(package):
    assert names(package) == ["round_shape", "square"]
    assert module_of(package, "square") == f"{package}.square"
    assert load(package, "round-shape").NAME == "round_shape"
    assert f"{package}.square" not in sys.modules


def test_an_unknown_entry_is_told_with_the_known_ones(package):
    with pytest.raises(KeyError, match="'oval', expected one of round_shape, square"):
        load(package, "oval")
