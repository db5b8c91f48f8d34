"""Recordings in, split and frames out.

Inputs: a folder of recordings, the tutorial's archives, or nothing (strokes).
Outputs: recordings/split.csv, recordings/videos/, frames/frames.npy, frames/index.csv.
"""

if IS_TUTORIAL:

    rule import_frames:
        """Copy the tutorial's PNG frames into one packed array, split by contiguous blocks."""
        input:
            archive=f"{DATA['folder']}/train.zip",
            code=modules(
                "accumulation",
                "archives",
                "atomic",
                "errors",
                "events",
                "framestore",
                "framing",
                "hashing",
                "job",
                "listing",
                "randomness",
                "sources",
                "strokes",
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
            code=modules("archives", "atomic", "errors", "job"),
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
                "job",
                "listing",
                "randomness",
                "sources",
                "strokes",
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
                "atomic",
                "errors",
                "events",
                "framestore",
                "framing",
                "hashing",
                "job",
                "listing",
                "randomness",
                "sources",
                "strokes",
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
            seed=config["seed"],
        script:
            "../scripts/accumulate.py"
