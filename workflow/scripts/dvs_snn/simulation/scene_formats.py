"""The file format of each scene: the format of the data set that the scene imitates.

A program that reads the published data set can read these files too.
"""

SUFFIXES = {"mnist-dvs": ".aedat", "saccades": ".bin", "paper": ".aedat"}
