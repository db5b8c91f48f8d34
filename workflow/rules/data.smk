"""Recordings in, split and frames out.

Inputs: a folder of recordings, archives, or nothing (simulated).
Outputs: archives/<archive>.json, recordings/split.csv, recordings/<set>/, recordings/unpacked/,
recordings/videos/, frames/frames.npy, frames/index.csv; archives below data.downloads.
"""

import dataclasses

from dvs_snn.settings.recordings import VIDEOS

RECEIPT = "<results>/archives/{archive}.json"


if ARCHIVES.missing:

    rule download:
        """Fetch the archive {wildcards.archive}."""
        input:
            code=code_of("download"),
        output:
            archive=f"{DATA['downloads']}/{{archive}}",
        log:
            "<logs>/download/{archive}.log",
        wildcard_constraints:
            archive="|".join(map(re.escape, ARCHIVES.missing)),
        priority: 1
        localrule: True
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=500,
            runtime=1440,
        params:
            source=lambda wildcards: fixed(dataclasses.asdict(SOURCES[wildcards.archive])),
            settings=fixed(DATA["fetching"]),
            missing=list(ARCHIVES.missing),
            offline=DATA["offline"],
        script:
            "../scripts/download.py"


if ARCHIVES.places:

    rule check_archive:
        """Hold the archive {wildcards.archive} against its hash, or record it at first sight."""
        input:
            archive=lambda wildcards: str(ARCHIVES.places[wildcards.archive]),
            code=code_of("check_archive"),
        output:
            receipt=RECEIPT,
        log:
            "<logs>/check_archive/{archive}.log",
        wildcard_constraints:
            archive="|".join(map(re.escape, ARCHIVES.places)),
        localrule: True
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=500,
            runtime=30,
        params:
            source=lambda wildcards: fixed(dataclasses.asdict(SOURCES[wildcards.archive])),
            downloads=DATA["downloads"],
        script:
            "../scripts/check_archive.py"


if ARCHIVES.parts:

    rule unpack_recordings:
        """Unpack the recordings asked for from their makers' archives: part {wildcards.part}."""
        input:
            archives=lambda wildcards: map(archive_file, ARCHIVES.parts[wildcards.part]),
            receipts=lambda wildcards: expand(RECEIPT, archive=ARCHIVES.parts[wildcards.part]),
            code=code_of("unpack_recordings"),
        output:
            folder=directory("<results>/recordings/unpacked/{part}"),
        log:
            "<logs>/unpack_recordings/{part}.log",
        benchmark:
            "<benchmarks>/unpack_recordings/{part}.tsv"
        wildcard_constraints:
            part="|".join(ARCHIVES.parts),
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=1000,
            runtime=60,
        params:
            scales=sorted(DATA["scales"]) if DATA["source"] == "mnist-dvs" else None,
            per_digit=DATA["per_digit"],
        script:
            "../scripts/unpack_recordings.py"


if IS_TUTORIAL:

    rule import_frames:
        """Copy the tutorial's PNG frames into one packed array, split by contiguous blocks."""
        input:
            archive=archive_file("tutorial/train.zip"),
            receipt=RECEIPT.format(archive="tutorial/train.zip"),
            code=code_of("import_frames"),
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
            archive=archive_file(f"tutorial/{VIDEOS}"),
            receipt=RECEIPT.format(archive=f"tutorial/{VIDEOS}"),
            code=code_of("unpack_video"),
        output:
            recording="<results>/recordings/videos/{recording}.npz",
        log:
            "<logs>/unpack_video/{recording}.log",
        localrule: True
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
            code=code_of("symbols"),
        output:
            symbols="<results>/recordings/symbols.npz",
        log:
            "<logs>/symbols/all.log",
        localrule: True
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=asked(600),
            runtime=asked(10),
        params:
            symbols=fixed(config["simulation"]["symbols"]),
            seed=config["seed"],
        script:
            "../scripts/symbols.py"

    rule simulate_set:
        """Simulate the recordings of the set {wildcards.set}."""
        input:
            symbols="<results>/recordings/symbols.npz",
            code=set_code("simulate_set"),
        output:
            folder=directory("<results>/recordings/{set}"),
            table="<results>/recordings/{set}.csv",
        log:
            "<logs>/simulate_set/{set}.log",
        benchmark:
            "<benchmarks>/simulate_set/{set}.tsv"
        wildcard_constraints:
            set="|".join(SIMULATED_SETS),
        group:
            "recordings"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=asked(500),
            runtime=asked(20),
        params:
            scenes=lambda wildcards: list(SETS[wildcards.set].scenes),
            part=of_set("part"),
            varied=of_set("varied"),
            simulation=lambda wildcards: scene_settings(
                *SETS[wildcards.set].scenes, training=SETS[wildcards.set].varied
            ),
            seed=config["seed"],
        script:
            "../scripts/simulate_set.py"

    rule list_recordings:
        """List the recordings of all simulated sets in one split table."""
        input:
            tables=expand("<results>/recordings/{set}.csv", set=SIMULATED_SETS),
            code=code_of("list_recordings"),
        output:
            table="<results>/recordings/split.csv",
        log:
            "<logs>/list_recordings/all.log",
        localrule: True
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=asked(300),
            runtime=asked(10),
        script:
            "../scripts/list_recordings.py"

    rule simulate_recording:
        """Simulate recording {wildcards.recording}: a digit on paper, held by hand."""
        input:
            symbols="<results>/recordings/symbols.npz",
            code=recording_code("simulate_recording"),
        output:
            recording="<results>/recordings/videos/{recording}.aedat",
        log:
            "<logs>/simulate_recording/{recording}.log",
        group:
            "recordings"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=asked(500),
            runtime=asked(10),
        params:
            symbol=lambda wildcards: RECORDINGS[wildcards.recording].row["symbol"],
            take=lambda wildcards: RECORDINGS[wildcards.recording].row["seed"] or 0,
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
            code=code_of("simulate_frames", *SETS[VALIDATION].formats),
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
            mem_mb=asked(1000),
            runtime=asked(10, "symbols", per_mb=20),
        params:
            simulation=scene_settings("mnist-dvs", "saccades", training=True),
            frames=fixed(config["frames"]),
            seed=config["seed"],
        script:
            "../scripts/simulate_frames.py"

else:

    rule split:
        """List the recordings, read each once, and split them by symbol."""
        input:
            folders=UNPACKED,
            code=code_of("split", *SETS[TEST].formats),
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
            folders=UNPACKED,
            code=code_of("accumulate", *SETS[TEST].formats),
        output:
            frames="<results>/frames/frames.npy",
            index="<results>/frames/index.csv",
        log:
            "<logs>/accumulate/all.log",
        benchmark:
            "<benchmarks>/accumulate/all.tsv"
        group:
            "recordings"
        conda:
            "../../environment.yml"
        threads: 1
        resources:
            mem_mb=1500,
            runtime=60,
        params:
            frames=fixed(config["frames"]),
            where=fixed(where_placed(DATA)),
        script:
            "../scripts/accumulate.py"
