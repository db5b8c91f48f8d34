"""Files, errors and randomness, on which every room rests."""
