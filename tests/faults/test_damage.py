"""Files altered or truncated by hand are found by hash in the job that reads them."""

import re

from running import edited, fail, succeed
from studies import Study, check_against


def _altered(data: bytes) -> bytes:
    """Change one bit in the middle, which no reader but one that hashes can see."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def _truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


# What is damaged, how, and the rules that read it; from the last to the first, since Snakemake
# removes the outputs of a job that fails.
DAMAGE = {
    "tables/layers.csv": (_altered, "plot_figure|report|manifest"),
    "work/inference/plain/seed-1/A.npz": (_truncated, "plot_recording"),
    "work/evaluation/plain/seed-1/scale-1.00.layers.csv": (_altered, "gather"),
    "work/events/test.npy": (_altered, "evaluate(_ann_tests)?|verify|check_sets|probe"),
    "work/networks/plain/seed-1.safetensors": (_altered, "evaluate|infer|verify|probe|export"),
    "work/training/plain/seed-1/weights.safetensors": (
        _altered,
        "convert|evaluate_ann(_tests)?|provenance",
    ),
    "work/frames/frames.npy": (_altered, "train|plot_figure|check_sets"),
    "work/recordings/symbols.npz": (
        _truncated,
        "calibrate|simulate_\\w+|plot_figure|tell_apart",
    ),
}
# The others are put back as they were: what follows them takes long to make again.
DELETED = "work/evaluation/plain/seed-1/scale-1.00.layers.csv"


def test_damage_is_found_where_it_is_read_and_deleting_the_file_mends_it(undisturbed, tiny: Study):
    for name, (damage, readers) in DAMAGE.items():
        with edited(tiny.results / name, damage):
            told, stderr = fail(tiny.project, *tiny.command())
        failed = re.findall(r"^Error in rule (\w+):$", stderr, re.MULTILINE)
        assert failed
        assert all(re.fullmatch(readers, rule) for rule in failed), f"{name}: {failed}"
        for line in told:
            assert line.startswith(f"Error: results/tiny/{name}: its sha256 is "), line
            assert line.endswith("delete it and run again.")
        if name == DELETED:
            (tiny.results / name).unlink()
    succeed(tiny.project, *tiny.command())
    check_against(undisturbed, tiny)
