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


def requirements(text: str) -> list[tuple[Requirement, list[str]]]:
    """Return a lock's requirements, each with its hashes."""
    found = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            first, *options = re.split(r"\s+--hash=", line.strip())
            found.append((Requirement(first), options))
    return found


def faults(text: str) -> list[str]:
    """Return what a lock must not hold: options, hosts, paths, builds of one machine, no hashes."""
    found = [
        f"{what}: {line}"
        for line in text.splitlines()
        for what, pattern in (
            ("option", r"^\s*-(?!-hash=sha256:)"),
            ("host", r"://"),
            ("path", r"file:|@|(^|\s)[./~]*/"),
            ("build", r"\+[a-z0-9]"),
        )
        if re.search(pattern, line)
    ]
    if found:
        return found
    for requirement, hashes in requirements(text):
        if not re.fullmatch(r"==[A-Za-z0-9.!]+", str(requirement.specifier)):
            found.append(f"no one version: {requirement}")
        if not hashes or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes):
            found.append(f"no hashes: {requirement}")
        if re.match(r"torch|triton|nvidia|cuda|pytorch(?!-optimizer$)", requirement.name):
            found.append(f"differs by machine: {requirement}")
    return found


def test_the_lock_holds_pinned_and_hashed_public_packages_only():
    assert len(requirements(LOCK)) > 80
    assert faults(LOCK) == []


def holding(python: str) -> dict[str, Requirement]:
    """Return what is installed on Linux with one Python, by name; a name may hold only once."""
    held: dict[str, Requirement] = {}
    environment = {
        "python_version": python, "python_full_version": f"{python}.1", "sys_platform": "linux",
        "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix",
        "implementation_name": "cpython", "platform_python_implementation": "CPython",
    }  # fmt: skip
    for requirement, _ in requirements(LOCK):
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
    locked = {canonicalize_name(name): one for name, one in holding("3.11").items()}
    held = locked.keys()
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
                assert canonicalize_name(need.name) in held | BESIDE, f"{name} needs {need}"


def test_every_licence_is_in_the_list():
    page = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    listed = ", ".join(re.findall(r"^- \*\*.*: (.*)$", page, re.MULTILINE)).split(", ")
    locked = {requirement.name for requirement, _ in requirements(LOCK)}
    assert set(listed) == locked | BESIDE
