"""Networks and recordings with one thing changed at a time; simulated beside real recordings."""
