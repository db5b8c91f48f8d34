"""Measure what one network costs and reads before a sensor that sees no digit."""

from pathlib import Path

import pandas as pd

from dvs_snn.datasets.step_store import open_steps
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_table
from dvs_snn.inference.engines.interface import open_spiking
from dvs_snn.realism.idle import idle_outcomes
from dvs_snn.realism.idle_outcomes import IDLE_OUTCOMES
from dvs_snn.realism.sensitivity import quoted_scale


def main(snakemake, progress):
    params, paths, wildcards = snakemake.params, snakemake.input, snakemake.wildcards
    output = Path(snakemake.output.table)
    scale = quoted_scale(Path(paths.choice), wildcards.variant)
    if scale is None:
        write_table(pd.DataFrame(columns=list(IDLE_OUTCOMES)), output, IDLE_OUTCOMES)
        return progress.say("not measured: validation chose another variant of its method")
    spiking = open_spiking(
        Path(paths.network), scale, params.engine, params.batch_size, params.compute_threads,
        params.device,
    )  # fmt: skip
    outcomes = idle_outcomes(
        spiking, open_steps(Path(paths.steps), Path(paths.table)),
        open_steps(Path(paths.validation), Path(paths.validation_table)),
        params.step_ms, params.window_ms,
    )  # fmt: skip
    about = {"variant": wildcards.variant, "seed": int(wildcards.seed), "scale": scale}
    write_table(outcomes.assign(**about), output, IDLE_OUTCOMES)
    progress.say("blank scenes read")


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
