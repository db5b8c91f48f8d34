"""Where recordings come from: archives, folders, the split."""
