"""The lock: everything but torch pinned and hashed, from public packages, for every Python."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
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


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_lock_is_in_step_with_requirements(python):
    """On Linux each package holds once."""
    linux = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    environment = linux | {"python_version": python, "python_full_version": f"{python}.1"}
    held = [each for each in LOCKED if each.marker is None or each.marker.evaluate(environment)]
    versions = {each.name: each.specifier for each in held}
    assert len(versions) == len(held)
    asked = [Requirement(line) for line in (ROOT / "requirements.txt").read_text().splitlines()]
    assert BESIDE <= {each.name for each in asked}
    expected = {each.name: each.specifier for each in asked if each.name not in BESIDE}
    assert {name: versions[name] for name in expected} == expected


def test_every_licence_is_in_the_list():
    page = (ROOT / "docs/cite.md").read_text(encoding="utf-8")
    listed = ", ".join(re.findall(r"^- \*\*.*: (.*)$", page, re.MULTILINE)).split(", ")
    assert set(listed) == {locked.name for locked in LOCKED} | BESIDE
