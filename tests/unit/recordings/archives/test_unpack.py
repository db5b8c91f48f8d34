"""Which recordings leave the archives of MNIST-DVS and N-MNIST, and where they go."""

import re
import zipfile
from pathlib import Path

import pytest
from jobs import quiet

from dvs_snn.files.errors import StudyError
from dvs_snn.recordings.archives.catalogue import Source, write_receipt
from dvs_snn.recordings.archives.unpack import choose_mnist_dvs, choose_nmnist, unpack_recordings
from dvs_snn.recordings.folders.folder import list_folder

PATH = Path("grabbed_data3.zip")


def _mnist_dvs(digit: int, numbers, scales=(4, 8, 16)) -> list[str]:
    return [
        f"grabbed_data{digit}/scale{scale}/mnist_{digit}_scale{scale:02d}_{number:04d}.aedat"
        for scale in scales
        for number in numbers
    ]


@pytest.mark.parametrize(("scales", "per_digit"), [([16], 1), ([4, 8, 16], None)])
def test_mnist_dvs_is_chosen_by_scale_and_number(scales, per_digit):
    numbers = [9, 2, 4, 1, 7, 3, 1000]
    chosen = choose_mnist_dvs(_mnist_dvs(3, numbers), PATH, scales, per_digit)
    expected = sorted(numbers)[:per_digit]
    assert set(chosen) == set(_mnist_dvs(3, expected, scales))
    assert len(set(chosen.values())) == len(chosen)
    for name, place in chosen.items():
        assert place == f"3/{Path(name).name}"


def test_a_symbol_that_lacks_a_scale_is_passed_over():
    members = [*_mnist_dvs(3, [1, 2, 3]), *_mnist_dvs(3, [4], [16])]
    members.remove("grabbed_data3/scale8/mnist_3_scale08_0001.aedat")
    chosen = choose_mnist_dvs(members, PATH, [8, 16], 2)
    assert set(chosen) == set(_mnist_dvs(3, [2, 3], [8, 16]))
    assert set(choose_mnist_dvs(members, PATH, [16], None)) == set(
        _mnist_dvs(3, [1, 2, 3, 4], [16])
    )


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (_mnist_dvs(3, [1, 2], [4, 16]), "expected those of scale 8 that data.scales asks for"),
        (_mnist_dvs(3, [1, 2]), "holds 2 symbols of digit 3, expected the 3 that data.per_digit"),
    ],
)
def test_an_archive_that_lacks_what_is_asked_for_is_told(members, expected):
    with pytest.raises(StudyError, match=re.escape(expected)):
        choose_mnist_dvs(members, PATH, [8], 3)


def test_nmnist_is_chosen_by_number():
    members = ["Train/"] + [f"Train/{d}/{k:05d}.bin" for d in range(10) for k in (12, 3, 40)]
    assert len(choose_nmnist(members, PATH, None)) == 30
    chosen = choose_nmnist(members, PATH, 2)
    assert chosen["Train/7/00003.bin"] == "7/00003.bin"
    assert sorted(place for place in chosen.values() if place[0] == "0") == [
        "0/00003.bin", "0/00012.bin"
    ]  # fmt: skip
    with pytest.raises(StudyError, match="holds 3 symbols of digit 0, expected the 4"):
        choose_nmnist(members, PATH, 4)
    with pytest.raises(StudyError, match="holds no recording 9/NNNNN.bin"):
        choose_nmnist([name for name in members if "/9/" not in name], PATH, None)


def _archive(folder: Path, digit: int, members: list[str]) -> tuple[Path, Path]:
    """Write an archive and its receipt."""
    path, receipt = folder / f"grabbed_data{digit}.zip", folder / f"{digit}.json"
    with zipfile.ZipFile(path, "w") as archive:
        for name in members:
            archive.writestr(name, name)
    source = Source(f"mnist-dvs/{path.name}", "http://127.0.0.1/", None, None, "")
    write_receipt(source, path, folder / "data", receipt, quiet())
    return path, receipt


def test_recordings_are_unpacked_as_a_folder_of_digits(tmp_path):
    made = [_archive(tmp_path, d, _mnist_dvs(d, [5, 6, 7])) for d in (2, 3)]
    archives, receipts = zip(*made, strict=True)
    folder = tmp_path / "out/all"
    unpack_recordings(archives, receipts, [8], 2, folder, quiet())
    files = list_folder(folder)
    assert [(file.symbol, file.label) for file in files] == [
        ("2/0005", 2), ("2/0006", 2), ("3/0005", 3), ("3/0006", 3)
    ]  # fmt: skip
    first = files[0].path
    assert first.read_text() == "grabbed_data2/scale8/mnist_2_scale08_0005.aedat"
    assert [path.name for path in folder.parent.iterdir()] == ["all"]


@pytest.mark.parametrize("fault", ["changed", "unsafe"])
def test_no_half_folder_is_left(tmp_path, fault):
    members = _mnist_dvs(3, [5, 6])
    good = _archive(tmp_path, 2, _mnist_dvs(2, [5, 6]))
    bad = _archive(tmp_path, 3, members if fault == "changed" else [*members, "../evil"])
    if fault == "changed":
        bad[0].write_bytes(bad[0].read_bytes() + b".")
    archives, receipts = zip(good, bad, strict=True)
    folder = tmp_path / "out/all"
    with pytest.raises(StudyError, match=r"grabbed_data3\.zip"):
        unpack_recordings(archives, receipts, [8], None, folder, quiet())
    assert list(folder.parent.iterdir()) == []
    assert not (tmp_path / "evil").exists()
