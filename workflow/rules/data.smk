"""Fetches and unpacks archives, splits recordings by symbol, accumulates their frames."""

import dataclasses

from dvs_snn.recordings.archives.catalogue import TWINS as TWINS_PART
from dvs_snn.settings.recordings_table import VIDEOS
from dvs_snn.settings.set_names import N_TWINS

RECEIPT = "<work>/archives/{archive}.json"


if ARCHIVES.missing:

    rule download:
        """Fetch the archive {wildcards.archive}."""
        output:
            archive=local(f"{SETTINGS.data.downloads}/{{archive}}"),
        log:
            "<logs>/download/{archive}.log",
        wildcard_constraints:
            archive="|".join(map(re.escape, ARCHIVES.missing)),
        priority: 1
        params:
            source=lambda wildcards: dataclasses.asdict(PLAN.sources[wildcards.archive]),
            downloads=lambda wildcards: SETTINGS.data.downloads,
            missing=list(ARCHIVES.missing),
            offline=SETTINGS.data.offline,
        script:
            "../scripts/download.py"


if ARCHIVES.places:

    rule check_archive:
        """Check the archive {wildcards.archive} against its hash; record a hash not known yet."""
        input:
            archive=lambda wildcards: local(str(ARCHIVES.places[wildcards.archive])),
        output:
            receipt=RECEIPT,
        log:
            "<logs>/check_archive/{archive}.log",
        wildcard_constraints:
            archive="|".join(map(re.escape, ARCHIVES.places)),
        params:
            source=lambda wildcards: dataclasses.asdict(PLAN.sources[wildcards.archive]),
            downloads=SETTINGS.data.downloads,
        script:
            "../scripts/check_archive.py"


if ARCHIVES.parts:

    rule unpack_recordings:
        """Unpack recordings of MNIST-DVS or N-MNIST from archives: part {wildcards.part}."""
        input:
            archives=lambda wildcards: map(archive_file, ARCHIVES.parts[wildcards.part]),
            trigger_receipts=lambda wildcards: expand(
                RECEIPT, archive=ARCHIVES.parts[wildcards.part]
            ),
        output:
            folder=directory("<work>/recordings/unpacked/{part}"),
        log:
            "<logs>/unpack_recordings/{part}.log",
        benchmark:
            "<benchmarks>/unpack_recordings/{part}.tsv"
        wildcard_constraints:
            part="|".join(ARCHIVES.parts),
        resources:
            runtime=asked(60),
        params:
            scales=sorted(SETTINGS.data.scales) if SETTINGS.data.source == "mnist-dvs" else None,
            per_digit=lambda wildcards: (
                None if wildcards.part == TWINS_PART else SETTINGS.data.per_digit
            ),
            largest=lambda wildcards: N_TWINS if wildcards.part == TWINS_PART else None,
        script:
            "../scripts/unpack_recordings.py"


if PLAN.is_tutorial:

    rule import_frames:
        """Copy the tutorial's PNG frames into one packed array, split by contiguous blocks."""
        input:
            archive=archive_file("tutorial/train.zip"),
            trigger_receipt=RECEIPT.format(archive="tutorial/train.zip"),
        output:
            frames="<work>/frames/frames.npy",
            index="<work>/frames/index.csv",
        log:
            "<logs>/import_frames/all.log",
        benchmark:
            "<benchmarks>/import_frames/all.tsv"
        resources:
            mem_mb=asked(1500),
            runtime=asked(60),
        params:
            shares=as_dict(SETTINGS.data.split),
        script:
            "../scripts/import_frames.py"

    rule unpack_video:
        """Unpack one recording of the tutorial's second archive."""
        input:
            archive=archive_file(f"tutorial/{VIDEOS}"),
            trigger_receipt=RECEIPT.format(archive=f"tutorial/{VIDEOS}"),
        output:
            recording="<work>/recordings/videos/{recording}.npz",
        log:
            "<logs>/unpack_video/{recording}.log",
        script:
            "../scripts/unpack_video.py"

elif PLAN.is_files:

    rule split:
        """List the recordings, read each once, and split them by symbol."""
        input:
            folders=UNPACKED,
        output:
            table="<work>/recordings/split.csv",
        log:
            "<logs>/split/all.log",
        benchmark:
            "<benchmarks>/split/all.tsv"
        params:
            trigger_columns=column_types("split"),
            folder=SETTINGS.data.folder,
            test_folder=SETTINGS.data.test_folder,
            trigger_listing=digest_of(SETTINGS.data.folder),
            trigger_test_listing=digest_of(SETTINGS.data.test_folder),
            where=where_placed(SETTINGS.data),
            shares=as_dict(SETTINGS.data.split),
            classes=CLASSES.names,
            seed=SETTINGS.seed,
            trigger_code=code_of("split", *SETS[TEST].formats),
        script:
            "../scripts/split.py"

    rule accumulate:
        """Accumulate the frames of every recording into one packed array."""
        input:
            split="<work>/recordings/split.csv",
            trigger_folder=UNPACKED,
        output:
            frames="<work>/frames/frames.npy",
            index="<work>/frames/index.csv",
        log:
            "<logs>/accumulate/all.log",
        benchmark:
            "<benchmarks>/accumulate/all.tsv"
        group:
            "recordings"
        resources:
            mem_mb=asked(1500),
            runtime=asked(60),
        params:
            rule=as_dict(SETTINGS.frames),
            where=placement_settings(SETTINGS.data),
            trigger_code=code_of("accumulate", *SETS[TEST].formats),
        script:
            "../scripts/accumulate.py"
