"""Whether the files and folders are there that settings name."""

from collections.abc import Mapping
from pathlib import Path

from dvs_snn.files.errors import StudyError
from dvs_snn.settings.method_settings import Variant
from dvs_snn.settings.study_settings import Study

WEIGHTS_SUFFIXES = (".safetensors", ".pt", ".pth")


def named_folders(study: Study) -> dict[str, str]:
    """Return the folders of recordings that have to be there, by the keys that name them."""
    data = study.data
    folders: dict[str, str | None] = {
        f"evaluation.sets.{number}.folder": entry.folder
        for number, entry in enumerate(study.evaluation.sets)
    }
    if data.folder and data.source not in ("simulated", "tutorial"):
        folders |= {"data.folder": data.folder, "data.test_folder": data.test_folder}
    if data.source == "simulated":
        folders["simulation.real_twins"] = study.simulation.twins_folder
    return {key: folder for key, folder in folders.items() if folder}


def check_weights(variants: Mapping[str, Variant], results: Path) -> None:
    """Raise StudyError unless each file of given weights is there, and outside of `results`.

    Inside, rules of the study would make the file again. Its job checks what it holds.
    """
    for name, variant in variants.items():
        if variant.weights is None:
            continue
        path = Path(variant.weights)
        is_own = results.resolve() in path.resolve().parents
        if is_own or path.suffix not in WEIGHTS_SUFFIXES or not path.is_file():
            raise StudyError(
                f"config key variants.{name}.weights is {variant.weights!r}, expected a file of a "
                f"network's state dict that ends in {' or '.join(WEIGHTS_SUFFIXES)}, outside of "
                f"{results}/; copy it there, and name it from the folder in which you start "
                "Snakemake, or by its whole path."
            )
