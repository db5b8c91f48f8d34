"""File formats of recordings: the module `xyz` is that of the files `.xyz`, and found by its name.

It has ``read(path, sensor_size)``, and ``write(path, recording)`` where the study writes them;
see :func:`~dvs_snn.events.recording.read_recording` for what they take, return and refuse.
"""
