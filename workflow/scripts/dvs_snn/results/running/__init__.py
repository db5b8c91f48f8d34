"""Tables on how a network runs: ablation, chip fit, idling."""
