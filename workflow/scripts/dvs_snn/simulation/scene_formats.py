"""The file format of each scene: the format of the data set that the scene imitates.

What reads the published data reads these too.
"""

SUFFIXES = {"mnist-dvs": ".aedat", "saccades": ".bin", "paper": ".aedat"}
