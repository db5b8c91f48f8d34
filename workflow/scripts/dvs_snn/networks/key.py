"""The columns by which every table names a network."""

from dvs_snn.files.tables import Column

NETWORK_KEY = {
    "variant": Column("text", "", "how the network was trained, a name below `variants`"),
    "seed": Column("whole", "", "the number of the training, one of `seeds`"),
}
