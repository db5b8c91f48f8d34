"""Networks that are trained further with real recordings, from folder to table: a tiny study."""

import pandas as pd
from running import run_snakemake, write_config
from studies import TINY, write_twins

# So few frames need small steps, or all outputs die.
STEPS = {"epochs": 40, "batch_size": 16}
COUNTED = {"method": "quantised", "start": "plain", "teacher_weight": 0.5, "epochs": 10,
           "learning_rate": 0.001}  # fmt: skip
TIMED = {"method": "bptt", "start": "plain", "epochs": 2, "learning_rate": 0.001}


def test_every_lesson_is_learned_and_read_on_the_even_half(finished_copy):
    study = finished_copy()
    real = {"real_twins": write_twins(study.project), "learning": {"recordings": [10]}}
    config = write_config(
        study.project,
        "lessons.yaml",
        variants={"plain": {}, "counted": COUNTED, "timed": TIMED},
        simulation=TINY["simulation"] | real,
        sweep={"scales": [1.0]},
        training=TINY["training"] | STEPS,
    )
    tables = [study.results / f"tables/{name}.csv" for name in ("learning", "features")]
    targets = [str(table.relative_to(study.project)) for table in tables]
    configs = ("--configfile", *study.configs, config)
    done = run_snakemake(study.project, "--cores", "2", *configs, "--", *targets)
    assert done.returncode == 0, done.stdout + done.stderr
    learning, features = map(pd.read_csv, tables)
    lessons = [(1, 0), (1, 10), (0, 10)]
    rows = learning.groupby(["variant", "set"])
    assert set(rows.groups) == {
        (variant, name)
        for variant in ("plain", "counted", "timed")
        for name in ("real-twins", "saccades-test", "test")
    }
    for (_, name), own in rows:
        assert list(zip(own["simulated"], own["real"], strict=True)) == lessons
        # Of 1,000 real recordings 497 are of the even half; of two test symbols a digit one.
        assert set(own["n_symbols"]) == {497 if name == "real-twins" else 10}
    # Bars of ten places are learned from ten of them.
    real = learning[(learning["set"] == "real-twins") & (learning["variant"] == "plain")]
    without, _, alone = real["accuracy"]
    assert alone > without + 0.2
    # Too few symbols of a half to compare features.
    assert features.empty
    # Nothing that is quoted comes from them.
    assert not list((study.results / "evaluation").rglob("*alone*"))
