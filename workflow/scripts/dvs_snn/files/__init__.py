"""Files and errors: what every room rests on."""
