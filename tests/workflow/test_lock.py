"""The lock: everything but torch pinned and hashed, from public packages, for every Python."""

import importlib.metadata
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PYTHONS = ("3.11", "3.12", "3.13")
BESIDE = {"torch", "torchvision"}


# A version of a package, where it holds, and its hashes: no options, hosts, paths or local builds.
PINNED = re.compile(
    r"([a-z0-9._-]+==[A-Za-z0-9.!]+(?: ; [^;/]+?)?)(?: +--hash=sha256:[0-9a-f]{64})+ *"
)
OF_ONE_MACHINE = re.compile(r"torch|triton|nvidia|cuda|pytorch(?!-optimizer$)")


LINES = re.findall(r"^ *[^#\s].*$", re.sub(r" *\\\n", " ", LOCK), re.MULTILINE)
LOCKED = [Requirement(line.partition(" --hash=")[0]) for line in LINES]


def test_the_lock_holds_pinned_and_hashed_public_packages_only():
    assert len(LOCKED) > 80
    assert [line for line in LINES if not PINNED.fullmatch(line)] == []
    assert [locked for locked in LOCKED if OF_ONE_MACHINE.match(locked.name)] == []


def holding(python: str) -> dict[str, Requirement]:
    """Return what is installed on Linux with one Python, by name; a name may hold only once."""
    held: dict[str, Requirement] = {}
    environment = {
        "python_version": python, "python_full_version": f"{python}.1", "sys_platform": "linux",
        "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix",
        "implementation_name": "cpython", "platform_python_implementation": "CPython",
    }  # fmt: skip
    for requirement in LOCKED:
        if requirement.marker is None or requirement.marker.evaluate(environment):
            assert requirement.name not in held, requirement.name
            held[requirement.name] = requirement
    return held


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_is_in_step_with_requirements(python):
    held = holding(python)
    asked = [Requirement(line) for line in (ROOT / "requirements.txt").read_text().splitlines()]
    assert BESIDE <= {requirement.name for requirement in asked}
    for requirement in asked:
        if requirement.name not in BESIDE:
            assert held[requirement.name].specifier == requirement.specifier


def test_the_lock_is_complete():
    """The lock holds all that its installed packages need, apart from packages that only torch
    needs."""
    locked = {canonicalize_name(name): held for name, held in holding("3.11").items()}
    for name, requirement in locked.items():
        try:
            needs = importlib.metadata.requires(name) or []
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        # What the tests of object storage need holds python-dateutil back at a version that has
        # needs of its own.
        if name == "python-dateutil" and installed not in requirement.specifier:
            continue
        for need in map(Requirement, needs):
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                assert canonicalize_name(need.name) in locked.keys() | BESIDE, (
                    f"{name} needs {need}"
                )


def test_every_licence_is_in_the_list():
    page = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    listed = ", ".join(re.findall(r"^- \*\*.*: (.*)$", page, re.MULTILINE)).split(", ")
    assert set(listed) == {locked.name for locked in LOCKED} | BESIDE
