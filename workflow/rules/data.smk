"""Recordings in, split and frames out.

Inputs: a folder of recordings, the tutorial's archives, or nothing (simulated).
Outputs: recordings/split.csv, recordings/<set>/, recordings/videos/, frames/frames.npy,
frames/index.csv.
"""

if IS_TUTORIAL:

    rule import_frames:
        """Copy the tutorial's PNG frames into one packed array, split by contiguous blocks."""
        input:
            archive=f"{DATA['folder']}/train.zip",
            code=modules(
                "accumulation",
                "archives",
                "arrayfile",
                "atomic",
                "errors",
                "events",
                "framestore",
                "framing",
                "hashing",
                "integrity",
                "job",
                "kernel_cache",
                "listing",
                "randomness",
                "scenes",
                "simulation",
                "simulator",
                "sources",
                "symbols",
            ),
        output:
            frames="<results>/frames/frames.npy",
            index="<results>/frames/index.csv",
        log:
            "<logs>/import_frames/all.log",
        benchmark:
            "<benchmarks>/import_frames/all.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=1500,
            runtime=60,
        params:
            shares=fixed(DATA["split"]),
        script:
            "../scripts/import_frames.py"

    rule unpack_video:
        """Unpack one recording of the tutorial's second archive."""
        input:
            archive=f"{DATA['folder']}/digits-videos.zip",
            code=modules("archives", "atomic", "errors", "hashing", "integrity", "job"),
        output:
            recording="<results>/recordings/videos/{recording}.npz",
        log:
            "<logs>/unpack_video/{recording}.log",
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=500,
            runtime=5,
        script:
            "../scripts/unpack_video.py"

elif IS_SIMULATED:

    rule symbols:
        """Read the drawn digits and assign them to training, validation and test."""
        input:
            code=modules(
                "atomic",
                "errors",
                "hashing",
                "integrity",
                "job",
                "randomness",
                "symbols",
            ),
        output:
            symbols="<results>/recordings/symbols.npz",
        log:
            "<logs>/symbols/all.log",
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=1500,
            runtime=5,
        params:
            symbols=fixed(config["simulation"]["symbols"]),
            seed=config["seed"],
        script:
            "../scripts/symbols.py"

    rule simulate_set:
        """Simulate the recordings of the set {wildcards.set}."""
        input:
            symbols="<results>/recordings/symbols.npz",
            code=modules(
                "atomic",
                "errors",
                "events",
                "framing",
                "hashing",
                "integrity",
                "job",
                "kernel_cache",
                "listing",
                "randomness",
                "scenes",
                "simulated_set",
                "simulation",
                "simulator",
                "sources",
                "symbols",
                "tablefile",
            ),
        output:
            folder=directory("<results>/recordings/{set}"),
            table="<results>/recordings/{set}.csv",
        log:
            "<logs>/simulate_set/{set}.log",
        benchmark:
            "<benchmarks>/simulate_set/{set}.tsv"
        wildcard_constraints:
            set="|".join(SIMULATED_SETS),
        conda:
            "../../environment.yml"
        threads: 2
        resources:
            mem_mb=1500,
            runtime=30,
        params:
            scenes=lambda wildcards: SIMULATED_SETS[wildcards.set][0],
            part=lambda wildcards: SIMULATED_SETS[wildcards.set][1],
            simulation=lambda wildcards: scene_settings(
                *SIMULATED_SETS[wildcards.set][0]
            ),
            seed=config["seed"],
        script:
            "../scripts/simulate_set.py"

    rule list_recordings:
        """List the recordings of all simulated sets in one split table."""
        input:
            tables=expand("<results>/recordings/{set}.csv", set=list(SIMULATED_SETS)),
            code=modules(
                "atomic",
                "errors",
                "events",
                "framing",
                "hashing",
                "integrity",
                "job",
                "listing",
                "randomness",
                "sources",
                "tablefile",
            ),
        output:
            table="<results>/recordings/split.csv",
        log:
            "<logs>/list_recordings/all.log",
        localrule: True
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=1000,
            runtime=5,
        script:
            "../scripts/list_recordings.py"

    rule simulate_recording:
        """Simulate recording {wildcards.recording}: a digit on paper, held by hand."""
        input:
            symbols="<results>/recordings/symbols.npz",
            code=modules(
                "atomic",
                "errors",
                "events",
                "framing",
                "hashing",
                "integrity",
                "job",
                "kernel_cache",
                "listing",
                "randomness",
                "scenes",
                "simulated_set",
                "simulation",
                "simulator",
                "sources",
                "symbols",
            ),
        output:
            recording="<results>/recordings/videos/{recording}.aedat",
        log:
            "<logs>/simulate_recording/{recording}.log",
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=1500,
            runtime=10,
        params:
            symbol=lambda wildcards: shown_symbol(RECORDINGS[wildcards.recording]),
            take=lambda wildcards: RECORDINGS[wildcards.recording]["seed"] or 0,
            simulation=scene_settings("paper"),
            seed=config["seed"],
        script:
            "../scripts/simulate_recording.py"

    rule simulate_frames:
        """Simulate the training recordings and accumulate their frames as they come."""
        input:
            symbols="<results>/recordings/symbols.npz",
            validation="<results>/recordings/validation.csv",
            folder="<results>/recordings/validation",
            code=modules(
                "accumulation",
                "archives",
                "arrayfile",
                "atomic",
                "errors",
                "events",
                "framestore",
                "framing",
                "hashing",
                "integrity",
                "job",
                "kernel_cache",
                "listing",
                "randomness",
                "scenes",
                "simulation",
                "simulator",
                "sources",
                "symbols",
            ),
        output:
            frames="<results>/frames/frames.npy",
            index="<results>/frames/index.csv",
        log:
            "<logs>/simulate_frames/all.log",
        benchmark:
            "<benchmarks>/simulate_frames/all.tsv"
        conda:
            "../../environment.yml"
        threads: 2
        resources:
            mem_mb=1500,
            runtime=60,
        params:
            simulation=scene_settings("mnist-dvs", "saccades", training=True),
            placements=fixed(SCENE_PLACEMENTS),
            frames=fixed(config["frames"]),
            seed=config["seed"],
        script:
            "../scripts/simulate_frames.py"

else:

    rule split:
        """List the recordings, read each once, and split them by symbol."""
        input:
            code=modules(
                "atomic",
                "errors",
                "events",
                "framing",
                "hashing",
                "integrity",
                "job",
                "listing",
                "randomness",
                "sources",
                "tablefile",
            ),
        output:
            table="<results>/recordings/split.csv",
        log:
            "<logs>/split/all.log",
        benchmark:
            "<benchmarks>/split/all.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=1000,
            runtime=30,
        params:
            source=DATA["source"],
            folder=DATA["folder"],
            test_folder=DATA["test_folder"],
            listing=digest_of(DATA["folder"]),
            test_listing=digest_of(DATA["test_folder"]),
            sensor_size=DATA["sensor_size"],
            shares=fixed(DATA["split"]),
            seed=config["seed"],
        script:
            "../scripts/split.py"

    rule accumulate:
        """Accumulate the frames of every recording into one packed array."""
        input:
            split="<results>/recordings/split.csv",
            code=modules(
                "accumulation",
                "archives",
                "arrayfile",
                "atomic",
                "errors",
                "events",
                "framestore",
                "framing",
                "hashing",
                "integrity",
                "job",
                "kernel_cache",
                "listing",
                "randomness",
                "scenes",
                "simulation",
                "simulator",
                "sources",
                "symbols",
            ),
        output:
            frames="<results>/frames/frames.npy",
            index="<results>/frames/index.csv",
        log:
            "<logs>/accumulate/all.log",
        benchmark:
            "<benchmarks>/accumulate/all.tsv"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=1500,
            runtime=60,
        params:
            frames=fixed(config["frames"]),
            placement=fixed(PLACEMENT),
            sensor_size=DATA["sensor_size"],
        script:
            "../scripts/accumulate.py"
