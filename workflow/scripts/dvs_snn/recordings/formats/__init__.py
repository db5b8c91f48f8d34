"""File formats of recordings: the module `xyz` reads files `.xyz` and is found by its name.

Each is a `ReadFormat` of :mod:`dvs_snn.recordings.recording`, or a `WrittenFormat` if the study
writes such files. Where neither caller, file nor format says the
sensor's size, it is the smallest that holds the events.
"""
