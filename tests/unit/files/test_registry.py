import sys
from collections.abc import Callable
from typing import Protocol

import pytest

from dvs_snn.files.errors import StudyError
from dvs_snn.files.registry import load, module_of, names


class Named(Protocol):
    NAME: str


class Shape(Named, Protocol):
    draw: Callable[..., object]
    CLASS: type[Exception]

    def area(self, width: float, height: float) -> float: ...

    def fill(self, **colours: str) -> None: ...


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A registry of two entries, `square` and `round_shape`, beside a module that is none."""
    folder = tmp_path / "shapes_for_tests"
    folder.mkdir()
    for name in ("__init__", "_shared", "square", "round_shape"):
        (folder / f"{name}.py").write_text(f"NAME = {name!r}")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


def test_a_registry_lists_its_files_and_imports_the_one_that_is_asked_for(folder):
    package = folder.name
    assert names(package) == ["round_shape", "square"]
    assert module_of(package, "square") == f"{package}.square"
    assert load(package, "round-shape", Named).NAME == "round_shape"
    assert f"{package}.square" not in sys.modules


def test_an_unknown_entry_is_told_with_the_known_ones(folder):
    with pytest.raises(KeyError, match="'oval', expected one of round_shape, square"):
        load(folder.name, "oval", Named)


WHOLE = """
NAME = 'square'
class CLASS(Exception): ...
def draw(): ...
def area(width, height): ...
def fill(red, blue): ...
"""
MISFITS = [
    ("width, height", "width", r"lacks the function area\(width, height\)"),
    ("width, height", "width, heigth=1", r"lacks the function area\(width, height\)"),
    ("width, height", "height, width", r"lacks the function area\(width, height\)"),
    ("'square'", "3", "lacks the NAME of type str"),
    ("NAME", "NAM", "lacks the NAME of type str"),
    ("(Exception)", "", "lacks the CLASS, a class derived from Exception"),
    ("def draw(): ...", "draw = 3", "lacks the draw of type Callable"),
    ("def area", "def aera", r"lacks the function area\(width, height\)"),
]


@pytest.mark.parametrize(("part", "instead", "message"), MISFITS)
def test_an_entry_that_does_not_fit_the_protocol_is_told_with_what_is_expected(
    folder, part, instead, message
):
    (folder / "square.py").write_text(WHOLE.replace(part, instead))
    with pytest.raises(StudyError, match=f"{folder.name}/square.py: .*{message}"):
        load(folder.name, "square", Shape)


def test_an_entry_that_fits_is_returned(folder):
    (folder / "square.py").write_text(WHOLE)
    assert load(folder.name, "square", Shape).NAME == "square"
