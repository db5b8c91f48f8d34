"""How the recordings of each scene are stored: as the data set has them that the scene imitates.

What reads the published data reads these too.
"""

SUFFIXES = {"mnist-dvs": ".aedat", "saccades": ".bin", "paper": ".aedat"}
