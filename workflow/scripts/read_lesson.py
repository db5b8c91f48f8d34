"""Let a network that was trained further read the held-out recordings of some sets."""

import json
from pathlib import Path

from dvs_snn.datasets.step_store import open_steps
from dvs_snn.evaluation.choosing.choice import NOT_CHOSEN, quoted_scale
from dvs_snn.files.job import logged
from dvs_snn.files.tables import write_empty_table, write_table
from dvs_snn.networks.conversion import Converted, load_weights
from dvs_snn.realism.learning.columns import LEARNING_OUTCOMES
from dvs_snn.realism.learning.lessons import Lesson
from dvs_snn.realism.learning.reading import read_held_out
from dvs_snn.settings.conversion import NeuronParameters


def main(snakemake, progress):
    params, paths, key = snakemake.params, snakemake.input, dict(snakemake.wildcards.items())
    output, lesson = Path(snakemake.output.table), Lesson.named(key.pop("lesson"))
    scale = quoted_scale(Path(paths.choice), key["variant"])
    if scale is None:
        return write_empty_table(output, LEARNING_OUTCOMES, NOT_CHOSEN)
    name, model, _ = load_weights(Path(paths.weights))
    converted = Converted(name, model, NeuronParameters(**json.loads(params.neurons)))
    opened = map(open_steps, map(Path, paths.steps), map(Path, paths.tables))
    sets = dict(zip(params.sets, opened, strict=True))
    found = read_held_out(converted, scale, sets, params.step_ms, params.compute_threads, progress)
    return write_table(found.assign(**key, scale=scale, **vars(lesson)), output, LEARNING_OUTCOMES)


if __name__ == "__main__":
    with logged(snakemake.log[0], snakemake.input, snakemake.output) as progress:
        main(snakemake, progress)
