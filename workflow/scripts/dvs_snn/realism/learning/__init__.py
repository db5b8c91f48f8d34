"""How much real recordings in the training help to read other real recordings."""
