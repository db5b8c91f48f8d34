"""What networks read and what it costs: accuracy, power, the operating point."""
