"""A full disk: one sentence, no half-made file, and on it goes afterwards."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from running import fail, succeed
from studies import Study, check_against


def _mount(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["mount", *args], capture_output=True, text=True)


@contextmanager
def _disk(folder: Path, size: str) -> Iterator[None]:
    """Mount an empty disk of its own in memory; skip the test where that isn't permitted."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip(f"mounting isn't permitted: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _remount(folder: Path, options: str) -> None:
    done = _mount("-o", f"remount,{options}", str(folder))
    assert done.returncode == 0, done.stderr


def test_a_full_disk_is_told_and_with_more_room_the_study_goes_on(
    undisturbed, finished_copy: Callable[[], Study]
):
    study = finished_copy()
    kept = study.results.rename(study.project / "kept")
    with _disk(study.results, "300k"):
        # At first nothing is there, then all but what follows the frames.
        for room in (None, 200_000):
            if room:
                _remount(study.results, "size=1g")
                subprocess.run(["cp", "-a", f"{kept}/.", str(study.results)], check=True)
                study.forget_training()
                used = shutil.disk_usage(study.results).used
                _remount(study.results, f"size={used + room}")
            told, stderr = fail(study.project, *study.command())
            assert told, stderr
            for line in told:
                assert line.startswith("Error: results/tiny/")
                assert line.endswith(
                    ": no space is left on its disk; free some and run the same command again."
                )
            check_against(undisturbed, study, whole=False)
            assert not list(study.results.rglob(".part-*"))
        _remount(study.results, "size=1g")
        succeed(study.project, *study.command())
        check_against(undisturbed, study)
