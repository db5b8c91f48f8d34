"""What the study runs, made from its settings: its sets and its recordings A, B, C."""
