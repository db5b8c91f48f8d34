"""Tables on how a network runs: ablation, idling."""
