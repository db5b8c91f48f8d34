"""File formats of recordings: the module `xyz` reads files `.xyz` and is found by its name.

Each has ``read(path, sensor_size, time_unit)``, and ``write(path, recording)`` if the study writes
such files. :func:`~dvs_snn.recordings.recording.read_recording` tells what they take, return and
refuse; a format whose times have one unit takes no notice of `time_unit`.
"""
