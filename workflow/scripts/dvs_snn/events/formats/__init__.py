"""File formats of recordings: the module `xyz` reads, and may write, files `.xyz`."""
