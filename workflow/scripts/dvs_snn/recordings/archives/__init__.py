"""Archives: where they come from, their hashes, downloads, unpacking."""
