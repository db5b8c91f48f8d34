"""File formats of recordings: the module `xyz` reads files `.xyz` and is found by its name.

Each has ``read(path, sensor_size, time_unit)``, and ``write(path, recording)``, which writes a
whole file or none, if the study writes such files. What they take, return and refuse is told by
:func:`~dvs_snn.recordings.recording.read_recording`. Where neither caller, file nor format says the
sensor's size, it is the smallest that holds the events.
"""
