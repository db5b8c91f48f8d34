"""File formats of recordings: the module `xyz` reads files `.xyz` and is found by its name."""
