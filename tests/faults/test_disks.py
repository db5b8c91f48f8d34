"""A full disk and a read-only one: one sentence, no half-made file, and on it goes afterwards."""

import errno
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from killing import check_against
from running import run_snakemake
from studies import Study, tiny_study


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


def _number_of_a_plain_write(path: Path, n_bytes: int) -> int | None:
    """Return the number of the error that a write of so many bytes meets, None if it succeeds."""
    try:
        with open(path, "wb") as file:
            file.write(b"x" * n_bytes)
    except OSError as error:
        return error.errno
    finally:
        # On a read-only disk there is nothing to remove, and it can't be.
        if path.exists():
            path.unlink()
    return None


def _sentences(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if line.startswith("Error: ")]


def test_a_full_disk_is_told_and_with_more_room_the_study_goes_on(undisturbed, tmp_path):
    study = tiny_study(tmp_path / "full")
    with _disk(study.results, "300k"):
        for size in ("300k", "2m"):
            _remount(study.results, f"size={size}")
            assert _number_of_a_plain_write(study.results / "plain", 1 << 22) == errno.ENOSPC
            done = run_snakemake(study.project, *study.command("--rerun-incomplete"))
            assert done.returncode != 0
            told = [line for line in _sentences(done.stderr) if "no space is left" in line]
            assert told, done.stderr
            for line in told:
                assert "results/tiny/" in line
                assert line.endswith("free some and run the same command again.")
            check_against(undisturbed, study, whole=False)
            assert not list(study.results.rglob(".part-*"))
        _remount(study.results, "size=1g")
        done = run_snakemake(study.project, *study.command("--rerun-incomplete"))
        assert done.returncode == 0, done.stderr
        check_against(undisturbed, study)


def test_a_read_only_disk_is_told_and_once_writable_the_study_goes_on(
    undisturbed, finished_copy: Callable[[], Study]
):
    study = finished_copy()
    kept = study.results.with_name("kept")
    study.results.rename(kept)
    with _disk(study.results, "1g"):
        subprocess.run(["cp", "-a", f"{kept}/.", str(study.results)], check=True)
        (study.results / "tables/evaluation.csv").unlink()
        _remount(study.results, "ro")
        assert _number_of_a_plain_write(study.results / "plain", 1) == errno.EROFS
        done = run_snakemake(study.project, *study.command("--rerun-incomplete"))
        assert done.returncode != 0
        assert "Traceback" not in done.stderr, done.stderr
        assert any("read-only" in line.lower() for line in _sentences(done.stderr)), done.stderr
        _remount(study.results, "rw")
        done = run_snakemake(study.project, *study.command("--rerun-incomplete"))
        assert done.returncode == 0, done.stderr
        check_against(undisturbed, study)
