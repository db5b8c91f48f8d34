"""How much real recordings in the training help: the networks are trained further on simulated ones
and on real ones of the odd half, or on these alone, and read the even half.

Inputs: frames/, steps/, training/, recordings/real-twins.csv, choice.csv.
Outputs: learning/<variant>/<lesson>/seed-<seed>.safetensors, .csv; tables/learning.csv.
"""

LEARNED = "<results>/learning/{variant}/{lesson}/seed-{seed}"
# Sets of test symbols, each of which has a real twin.
LESSON_SETS = [name for name in (REAL_TWINS, SACCADES_TEST, TEST) if name in SETS]


def lesson_files(wildcards):
    """The files that a lesson reads, by name: those of a training, but later starts and teachers."""
    one, files = OWN[wildcards.variant], training_files(wildcards)
    if not wildcards.lesson.endswith(ALONE):
        files["start"] = "<results>/training/{variant}/seed-{seed}/weights.safetensors"
    elif one.start:
        # A lesson without simulated recordings has a chain of starts of its own.
        files["start"] = LEARNED.replace("{variant}", one.start) + ".safetensors"
    if one.teacher_weight:
        files["teacher"] = of_cnn(f"{LEARNED}.safetensors")(wildcards)
    return files


def lesson_step_ms(wildcards):
    """The length of a time step, where a lesson has any."""
    return config["inference"]["step_ms"] if OWN[wildcards.variant].through_time else None


rule learn:
    """Train further on lesson {wildcards.lesson}: variant {wildcards.variant}, seed {wildcards.seed}."""
    input:
        unpack(lesson_files),
        real=SETS[REAL_TWINS].table,
        code=lambda wildcards: code_of(
            "learn", "dvs_snn.events.formats.bin", *training_modules(wildcards)
        ),
    output:
        weights=f"{LEARNED}.safetensors",
    log:
        "<logs>/learn/{variant}~{lesson}~seed-{seed}.log",
    benchmark:
        "<benchmarks>/learn/{variant}~{lesson}~seed-{seed}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=training_further_mb,
        runtime=training_minutes,
        gpu=gpus("training"),
    params:
        model=config["model"]["name"],
        set=REAL_TWINS,
        scenes=fixed(SETS[REAL_TWINS].scenes),
        frames=fixed(config["frames"]),
        frame_events=SIMULATION["training"]["saccades"]["frame_events"],
        step_ms=lesson_step_ms,
        variant=lambda wildcards: fixed(trained_by(OWN[wildcards.variant])),
        neurons=lambda wildcards: fixed(training_neurons(wildcards.variant)),
        seed=config["seed"],
    script:
        "../scripts/learn.py"


rule read_lesson:
    """Read the even half after lesson {wildcards.lesson}: variant {wildcards.variant}, seed {wildcards.seed}."""
    input:
        weights=f"{LEARNED}.safetensors",
        steps=expand("<results>/steps/{set}.npy", set=LESSON_SETS),
        tables=expand("<results>/steps/{set}.csv", set=LESSON_SETS),
        choice="<results>/choice.csv",
        code=code_of("read_lesson"),
    output:
        table=f"{LEARNED}.csv",
    log:
        "<logs>/read_lesson/{variant}~{lesson}~seed-{seed}.log",
    conda:
        "../../environment.yml"
    threads: config["inference"]["compute_threads"]
    resources:
        mem_mb=asked(1400),
        runtime=asked(20),
    params:
        sets=LESSON_SETS,
        neurons=lambda wildcards: fixed(neurons_of(wildcards.variant)),
        step_ms=config["inference"]["step_ms"],
        compute_threads=config["inference"]["compute_threads"],
    script:
        "../scripts/read_lesson.py"


rule join_learning:
    """Gather what networks read that real recordings helped to train in one table."""
    input:
        tables=networks(f"{LEARNED}.csv", LEARNERS, lesson=LESSONS),
        code=code_of("join_learning"),
    output:
        table=table("learning"),
    log:
        "<logs>/join_learning/all.log",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=asked(400, "tables", per_mb=4),
        runtime=asked(10),
    script:
        "../scripts/join_learning.py"
