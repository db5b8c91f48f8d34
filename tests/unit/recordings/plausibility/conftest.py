"""Right recordings of all digits, and what would train the default study's networks."""

from pathlib import Path

import pytest
from jobs import quiet

from dvs_snn.recordings.plausibility.checks import Training
from dvs_snn.recordings.recording import EventRecording
from dvs_snn.settings.study import Study, read_configs
from dvs_snn.simulation.reference import training_of
from dvs_snn.simulation.symbols import load_symbols
from dvs_snn.simulation.takes import nominal_sensor, nominal_take, set_takes

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="session")
def study() -> Study:
    """The settings of the default study."""
    return read_configs([ROOT / "config.yaml"])


@pytest.fixture(scope="session")
def training(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Training:
    """What a study that has not run is compared with."""
    return training_of(study, tmp_path_factory.mktemp("none"), quiet())


@pytest.fixture(scope="session")
def right(study: Study) -> list[tuple[int, EventRecording]]:
    """Two recordings of each digit, (digit, recording), as N-MNIST's sensor would make them."""
    simulation, seed = study.simulation.of_scenes("saccades"), study.seed
    symbols = load_symbols(study.simulation.symbols, seed)
    sensor = nominal_sensor(simulation, "saccades", seed)
    takes = set_takes(simulation, symbols, "saccades", "test")
    chosen = [take for digit in range(10) for take in [t for t in takes if t.label == digit][:2]]
    return [(take.label, nominal_take(take, symbols, simulation, sensor, seed)) for take in chosen]
